/** Occurrences as the desk lists them: the most urgent first, the cold cells of a beat as one. Pure. */

export interface AttentionItem {
  id: number
  kind: string
  subject: string
  state: string
  since: number
  beat: string | null
  person: number | null
  name: string | null
  organisation: number | null
  assignment: number | null
  cell: string | null
  sos: number | null
  raised_at: number
  acknowledged_at: number | null
  acknowledged_by: number | null
  acknowledged_name: string | null
  closed_at: number | null
  closed_by: number | null
  reason: string | null
  gone_at: number | null
  /** Whether it may be acknowledged and closed here. */
  mine: boolean
}

export interface Group {
  key: string
  kind: string
  beat: string | null
  since: number
  /** `open` as long as one of them is. */
  state: string
  items: readonly AttentionItem[]
}

/** The most urgent first. */
export const KINDS: readonly string[] = ['sos', 'unstaffed', 'not_arrived', 'silent', 'left_beat', 'still', 'cold', 'battery']

export function grouped(items: readonly AttentionItem[]): Group[] {
  const found = new Map<string, AttentionItem[]>()
  for (const item of items) {
    const key = item.kind === 'cold' ? `cold ${item.beat} ${item.state}` : `${item.id}`
    const held = found.get(key)
    if (held) held.push(item)
    else found.set(key, [item])
  }
  return [...found].map(([key, own]) => group(key, own)).sort(before)
}

function group(key: string, items: AttentionItem[]): Group {
  const [first] = items as [AttentionItem]
  return { key, kind: first.kind, beat: first.beat, state: first.state, since: Math.min(...items.map(({ since }) => since)), items }
}

const before = (a: Group, b: Group): number =>
  Number(a.state !== 'open') - Number(b.state !== 'open') || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.since - b.since
