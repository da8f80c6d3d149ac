/** Which areas a text means, best first. */
import type { Area } from '../ground.ts'

export function matches(text: string, areas: readonly Area[], most: number): Area[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const scored: [score: number, area: Area][] = []
  for (const area of areas) {
    const score = Math.min(...[area.name, area.name_en, area.code].map((name) => place(name.toLowerCase(), wanted)))
    if (score < Infinity) scored.push([score + RANK[area.kind], area])
  }
  return scored.sort(([a, first], [b, second]) => a - b || first.code.localeCompare(second.code)).slice(0, most).map(([, area]) => area)
}

const RANK = { town: 0, station: 0.1, beat: 0.2, grid: 0.5 } as const

/** 0 the same, 1 begins so, 2 contains; not at all: Infinity. */
function place(name: string, wanted: string): number {
  if (name === wanted) return 0
  const at = name.indexOf(wanted)
  return at < 0 ? Infinity : at === 0 ? 1 : 2
}

/** "23.1, 113.6" or "113.6 23.1": latitude and longitude in either order, where only one makes sense. */
export function coordinates(text: string): { lat: number; lon: number } | null {
  const parts = text.trim().match(/^(-?\d{1,3}\.\d+)[\s,，]+(-?\d{1,3}\.\d+)$/)
  if (parts === null) return null
  const [a, b] = [Number(parts[1]), Number(parts[2])]
  if (Math.abs(a) > 90 && Math.abs(b) <= 90) return { lat: b, lon: a }
  return Math.abs(a) <= 90 && Math.abs(b) <= 180 ? { lat: a, lon: b } : null
}
