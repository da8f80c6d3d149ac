/** The board of one beat as a table: a row a post, a column a shift, in each who stands and what is asked. Pure. */
import type { AssignmentItem, PostItem, ShiftItem } from '../items.ts'
import type { BeatDay, BoardItem, EditBody } from './items.ts'

export interface GridCell {
  post: number
  shift: ShiftItem
  minimum: number
  desired: number
  certified: number
  /** Null where the post is not staffed in such shifts. */
  staffed: boolean
  standing: AssignmentItem[]
  /** How many would stand there after the change under way. */
  after: number
  lacks: BoardItem['shortfalls']
}

export interface GridDay {
  day: string
  shifts: ShiftItem[]
}

export interface Grid {
  days: GridDay[]
  rows: { post: PostItem; cells: GridCell[] }[]
}

export const cellKey = (post: number, shift: number): string => `${post} ${shift}`

export function gridOf(board: BoardItem, change: EditBody): Grid {
  const needed = new Set(board.needs.map(({ pattern }) => pattern))
  const used = new Set(board.assignments.map(({ shift }) => shift))
  const shifts = board.shifts.filter(({ id, pattern }) => needed.has(pattern) || used.has(id))
  const needs = new Map(board.needs.map((need) => [`${need.post} ${need.pattern}`, need]))
  const standing = grouped(board.assignments, ({ post, shift }) => cellKey(post, shift))
  const lacks = grouped(board.shortfalls, ({ post, shift }) => cellKey(post, shift))
  const gone = new Set(change.remove)
  const cell = (post: PostItem, shift: ShiftItem): GridCell => {
    const need = needs.get(`${post.id} ${shift.pattern}`)
    const key = cellKey(post.id, shift.id)
    const there = standing.get(key) ?? []
    const coming = change.add.filter((one) => one.post === post.id && one.shift === shift.id).length
    return {
      post: post.id, shift, staffed: need !== undefined || there.length > 0,
      minimum: need?.minimum ?? 0, desired: Math.max(need?.desired ?? 0, need?.minimum ?? 0), certified: need?.certified ?? 0,
      standing: there, after: there.filter(({ id }) => !gone.has(id)).length + coming, lacks: lacks.get(key) ?? [],
    }
  }
  return {
    days: [...grouped(shifts, ({ duty_day }) => duty_day)].map(([day, own]) => ({ day, shifts: own })),
    rows: board.posts.map((post) => ({ post, cells: shifts.map((shift) => cell(post, shift)) })),
  }
}

export type Fill = 'none' | 'short' | 'least' | 'full' | 'over'

/** Below the minimum, between it and what is desired, enough, too many. */
export function fillOf({ staffed, minimum, desired, after, lacks, standing }: GridCell): Fill {
  if (!staffed) return 'none'
  if (after < minimum || (lacks.length > 0 && after === standing.length)) return 'short'
  if (after < desired) return 'least'
  return after > desired ? 'over' : 'full'
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const known = groups.get(key(item))
    if (known) known.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

export interface BeatWeek {
  beat: string
  people: number
  minimum: number
  desired: number
  missing: number
  days: BeatDay[]
}

/** A row a beat, those that lack most first. */
export function weeksOf(days: readonly BeatDay[]): BeatWeek[] {
  const sum = (own: readonly BeatDay[], name: 'people' | 'minimum' | 'desired' | 'missing'): number => own.reduce((total, day) => total + day[name], 0)
  return [...grouped(days, ({ beat }) => beat)]
    .map(([beat, own]) => ({ beat, people: sum(own, 'people'), minimum: sum(own, 'minimum'), desired: sum(own, 'desired'), missing: sum(own, 'missing'), days: own }))
    .sort((a, b) => b.missing - a.missing || (a.beat < b.beat ? -1 : 1))
}

export const fillOfDay = ({ people, minimum, desired, missing }: BeatDay): Fill =>
  desired === 0 && people === 0 ? 'none' : missing > 0 || people < minimum ? 'short' : people < desired ? 'least' : people > desired ? 'over' : 'full'
