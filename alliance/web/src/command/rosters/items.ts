/** What the service says of a roster's board, its changes by hand and its comparison with another. */
import type { AssignmentItem, PostItem, RosterItem, ShiftItem } from '../items.ts'

export interface BeatDay {
  beat: string
  day: string
  people: number
  minimum: number
  desired: number
  missing: number
}

export interface NeedItem {
  post: number
  pattern: string
  minimum: number
  desired: number
  certified: number
}

export interface BoardItem {
  posts: PostItem[]
  needs: NeedItem[]
  shifts: ShiftItem[]
  assignments: AssignmentItem[]
  shortfalls: RosterItem['shortfalls']
}

export interface WeekDuty {
  id: number
  post: number
  post_name: string
  beat: string
  shift: number
  start: number
  end: number
  pinned: boolean
}

export interface WeekItem {
  person: number
  name: string
  organisation: number
  hours: number
  nights: number
  duties: WeekDuty[]
}

export interface Put {
  person: number
  post: number
  shift: number
  pinned?: boolean
}

export interface EditBody {
  add: Put[]
  remove: number[]
  pin: number[]
  unpin: number[]
}

export interface FoundItem {
  rule: string
  people: number[]
  names: string[]
  assignments: { person: number; post: number; shift: number }[]
  explanation: Record<string, string | number | null>
}

export interface EditedItem {
  roster: number
  version: number
  dry: boolean
  objective: number | null
  gap: number | null
  value: number
  terms: Record<string, number>
  violations: FoundItem[]
  mended: FoundItem[]
  shortfalls: { post: number; shift: number; kind: string; before: number; after: number }[]
  added: number[]
  undo: EditBody
}

export interface DoneItem {
  version: number
  at: number
  actor: number
  reason: string
  change: { added: (Put & { id: number })[]; removed: (Put & { id: number })[]; pinned: number[]; unpinned: number[] }
  value: number
}

export interface SpreadItem {
  role: string
  load: 'hours' | 'nights' | 'weekends'
  people: number
  median: number
  gini: number
  mean: number
  deviation: number
  least: number
  most: number
}

export interface FairnessItem {
  people: number
  spreads: SpreadItem[]
}

export interface ComparedItem {
  before: FairnessItem
  after: FairnessItem
  beats: { beat: string; added: number; removed: number; moved: number }[]
}

export interface DifferenceItem {
  person: number
  name: string
  shift: number
  start: number
  end: number
  before: number | null
  after: number | null
}

/** A beat in a shift: what each further unit is worth; the fewest units worth half, four fifths and all of it. */
export interface UnitsItem {
  beat: string
  share: number
  worth: number[]
  units: [half: number, most: number, all: number]
  minimum: number
  desired: number
  unit: number
}

export interface InsteadItem {
  person: number
  value: number
  violations: { rule: string; explanation: Record<string, string | number | null> }[]
}

export interface BecauseItem {
  terms: Record<string, number>
  value: number
  lone: boolean
  tried: number
  best: InsteadItem | null
  nearest: InsteadItem[]
}

/** What somebody carries beside the others of the role; `zh` and `en` tell all of it in words. */
export interface BurdenItem {
  person: number
  role: 'guard' | 'volunteer'
  peers: number
  carried: Record<'hours' | 'nights' | 'weekends', number>
  standing: Record<'hours' | 'nights' | 'weekends', number>
  nights: { assignment: number; start: number; end: number; why: BecauseItem }[]
  zh: string
  en: string
}
