/** What waits to be acknowledged, as pure functions: what to send next, and what an answer settles. */
import type { Ack, Fix, Fixes, Incoming, Refusal } from '../wire.ts'

export const LARGEST_BATCH = 500

/** The messages that carry a key; everything about them was fixed when they were made. */
export type Keyed = Extract<Incoming, { key: string }>

/** `n` orders everything that was made on this phone; `pictures` are local photos still to be uploaded. */
export interface Letter {
  n: number
  person: number
  message: Keyed
  pictures: number[]
  refused: { code: string; detail: string } | null
}

export interface KeptFix {
  n: number
  person: number
  assignment: number
  fix: Fix
}

export interface Batch {
  message: Fixes
  rows: number[]
}

export interface Waiting {
  letters: readonly Letter[]
  fixes: readonly KeptFix[]
}

/**
 * Everything pending in the order it was made. A run of fixes of one assignment becomes one message whose `seq` is
 * the number of its last fix, so that numbers grow over reloads too. Stops before a letter whose pictures are not
 * uploaded yet, unless it can be overtaken (a report changes nothing for what follows it).
 */
export function plan(waiting: Waiting): (Letter | Batch)[] {
  const steps: (Letter | Batch)[] = []
  const letters = waiting.letters.filter((letter) => letter.refused === null && letter.pictures.length === 0)
  const all = [...letters, ...waiting.fixes].sort((one, other) => one.n - other.n)
  let open: { assignment: number; batch: Batch } | null = null
  for (const item of all) {
    if ('message' in item) {
      open = null
      steps.push(item)
      continue
    }
    if (open === null || open.assignment !== item.assignment || open.batch.rows.length === LARGEST_BATCH) {
      const message: Fixes = { type: 'fixes', seq: item.n, assignment: item.assignment, fixes: [] }
      open = { assignment: item.assignment, batch: { message, rows: [] } }
      steps.push(open.batch)
    }
    open.batch.message.seq = item.n
    open.batch.message.fixes.push(item.fix)
    open.batch.rows.push(item.n)
  }
  return steps
}

/** What an answer settles: rows to forget, letters that were accepted or refused, how many fixes were refused. */
export interface Settlement {
  fixesUpTo: number | null
  accepted: string | null
  refused: { key: string; code: string; detail: string } | null
  fixesRefused: { count: number; code: string } | null
}

const NOTHING: Settlement = { fixesUpTo: null, accepted: null, refused: null, fixesRefused: null }

/** `sent` tells how many fixes a sequence number stood for; a refusal without indexes means all of them. */
export function settle(answer: Ack | Refusal, sent: (seq: number) => number): Settlement {
  if (answer.type === 'ack') {
    if (answer.key != null) return { ...NOTHING, accepted: answer.key }
    return { ...NOTHING, fixesUpTo: answer.seq ?? null }
  }
  if (answer.key != null) {
    return { ...NOTHING, refused: { key: answer.key, code: answer.code, detail: answer.detail } }
  }
  if (answer.seq == null) return NOTHING
  return { ...NOTHING, fixesRefused: { count: answer.indexes?.length ?? sent(answer.seq), code: answer.code } }
}

/** Refusals that a later attempt may heal: the letter stays and is sent again after the next welcome. */
export const passes = (code: string): boolean => code === 'unavailable' || code === 'too_many'
