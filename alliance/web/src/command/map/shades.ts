/** Which colour a cell has: one number per cell, into one palette for all the map's layers. */

export type Layer = 'coverage' | 'visits' | 'tiers' | 'demand' | 'areas'
export const LAYERS: readonly Layer[] = ['coverage', 'visits', 'tiers', 'demand', 'areas']

/** Coverage: 0–2 cold by tier, 3–6 covered by what is left of the target interval. */
export const COLD = 0
export const COVERED = 3
export const COVERED_STEPS = 4
export const TIER = 7
export const DEMAND = 10
export const DEMAND_STEPS = 7
export const AREA = 17
export const AREA_HUES = 16
export const AREA_TINTS = 3
export const SHADES = AREA + AREA_HUES * AREA_TINTS

export interface Targets {
  high: number
  medium: number
  low: number
}

/** Milliseconds of each tier's target interval, by tier (index 1–3). */
export const intervals = (targets: Targets): readonly [number, number, number, number] =>
  [0, targets.high * 60_000, targets.medium * 60_000, targets.low * 60_000]

export function coverageShade(until: number, tier: number, interval: number, now: number): number {
  const left = until - now
  if (left <= 0) return COLD + tier - 1
  const step = Math.floor((left / interval) * COVERED_STEPS)
  return COVERED + Math.min(COVERED_STEPS - 1, step)
}

export function coverageShades(until: Float64Array, tiers: readonly number[], targets: Targets, now: number): Uint8Array {
  const lengths = intervals(targets)
  const shades = new Uint8Array(until.length)
  for (let i = 0; i < until.length; i++) {
    const tier = tiers[i] ?? 3
    shades[i] = coverageShade(until[i] ?? 0, tier, lengths[tier] ?? 1, now)
  }
  return shades
}

/** A past frame: covered or cold by tier. */
export function pastShades(covered: Uint8Array, tiers: readonly number[]): Uint8Array {
  return covered.map((yes, i) => (yes === 1 ? COVERED + 2 : COLD + (tiers[i] ?? 3) - 1))
}

export function tierShades(tiers: readonly number[]): Uint8Array {
  return Uint8Array.from(tiers, (tier) => TIER + tier - 1)
}

/** Limits between the demand's classes, so that the few heavy cells don't swallow the scale. */
export function demandLimits(weights: readonly number[]): number[] {
  const sorted = weights.filter((weight) => weight > 0).sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return [0.3, 0.55, 0.75, 0.88, 0.95, 0.985].map(at)
}

export function demandShades(weights: readonly number[]): Uint8Array {
  const limits = demandLimits(weights)
  return Uint8Array.from(weights, (weight) => {
    let step = 0
    while (step < limits.length && weight >= (limits[step] ?? Infinity)) step++
    return DEMAND + step
  })
}

/** A hue for each town, a tint for each of its beats in turn. */
export function areaShades(town: readonly number[], beat: readonly number[]): Uint8Array {
  const tints = new Map<number, number>()
  const seen = new Map<number, number>()
  return Uint8Array.from(town, (hue, i) => {
    const own = beat[i] ?? 0
    let tint = tints.get(own)
    if (tint === undefined) {
      tint = (seen.get(hue) ?? 0) % AREA_TINTS
      seen.set(hue, (seen.get(hue) ?? 0) + 1)
      tints.set(own, tint)
    }
    return AREA + (hue % AREA_HUES) * AREA_TINTS + tint
  })
}

const DARK = {
  cold: ['#97392b', '#57412f', '#222e3d'],
  covered: ['#1c4d49', '#1d675e', '#23867a', '#2fa896'],
  tier: ['#c7643f', '#8a7238', '#2e4358'],
  demand: ['#182536', '#1f3a4f', '#275667', '#3b7472', '#7f8f5a', '#c99a48', '#e9683f'],
  ground: '#0b111a', district: '#101a26', boundary: '#8fa3ba', town: '#8fa3ba', beat: '#5b7089',
  label: '#eaf1f8', faint: '#b4c3d4', halo: '#0b111a', person: '#f2f7fb', personEdge: '#0b111a', chosen: '#8fd8ff',
}
const LIGHT = {
  cold: ['#d9705c', '#e2b58d', '#dde3ea'],
  covered: ['#c3dfd7', '#8fcabd', '#52aa9a', '#1c8576'],
  tier: ['#cf6a43', '#d7ba72', '#c3d0dc'],
  demand: ['#e7ecf1', '#cfdde6', '#aecbd2', '#8db8b0', '#c3bd80', '#dfa04b', '#cf5630'],
  ground: '#e3e8ee', district: '#eef1f5', boundary: '#46566a', town: '#46566a', beat: '#8494a6',
  label: '#14202d', faint: '#3c4c5f', halo: '#ffffff', person: '#12314a', personEdge: '#ffffff', chosen: '#0b63ce',
}

export type Colours = typeof DARK

export const colours = (theme: 'dark' | 'light'): Colours => (theme === 'dark' ? DARK : LIGHT)

/** The palette of all layers, by shade number. */
export function palette(theme: 'dark' | 'light'): string[] {
  const { cold, covered, tier, demand } = colours(theme)
  return [...cold, ...covered, ...tier, ...demand, ...areaColours(theme)]
}

function areaColours(theme: 'dark' | 'light'): string[] {
  const found: string[] = []
  for (let hue = 0; hue < AREA_HUES; hue++) {
    for (let tint = 0; tint < AREA_TINTS; tint++) {
      // Steps of the golden angle keep neighbouring numbers apart.
      const angle = Math.round((hue * 137.5 + 160) % 360)
      found.push(theme === 'dark' ? `hsl(${angle}, 30%, ${26 + tint * 6}%)` : `hsl(${angle}, 42%, ${80 - tint * 6}%)`)
    }
  }
  return found
}
