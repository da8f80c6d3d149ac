import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LARGEST_BATCH, plan, settle, type KeptFix, type Letter } from '../../src/patrol/outbox.ts'

const letter = (n: number, more: Partial<Letter> = {}): Letter => ({
  n, person: 1, pictures: [], refused: null,
  message: { type: 'check_in', key: `k${n}`, assignment: 7, at: n }, ...more,
})
const fix = (n: number, assignment = 7): KeptFix => ({ n, person: 1, assignment, fix: [n, 23.1, 113.6, 10] })
const types = (steps: ReturnType<typeof plan>): string[] =>
  steps.map((step) => ('rows' in step ? `fixes ${step.message.seq} of ${step.rows.join()}` : step.message.key))

test('everything goes out in the order it was made', () => {
  const steps = plan({ letters: [letter(4), letter(1)], fixes: [fix(5), fix(2), fix(3)] })
  assert.deepEqual(types(steps), ['k1', 'fixes 3 of 2,3', 'k4', 'fixes 5 of 5'])
})

test('a message of fixes holds one assignment and at most five hundred', () => {
  const many = Array.from({ length: LARGEST_BATCH + 1 }, (_, n) => fix(n + 1))
  const steps = plan({ letters: [], fixes: [...many, fix(900, 8)] })
  assert.deepEqual(steps.map((step) => 'rows' in step && step.rows.length), [LARGEST_BATCH, 1, 1])
})

test('a refused letter and one whose pictures wait stay behind, the others pass them', () => {
  const refused = letter(1, { refused: { code: 'too_late', detail: '' } })
  const steps = plan({ letters: [refused, letter(2, { pictures: [9] }), letter(3)], fixes: [fix(4)] })
  assert.deepEqual(types(steps), ['k3', 'fixes 4 of 4'])
})

test('an acknowledged number settles the fixes up to it, a key its letter', () => {
  assert.equal(settle({ type: 'ack', seq: 12 }, () => 3).fixesUpTo, 12)
  assert.equal(settle({ type: 'ack', seq: 0 }, () => 3).fixesUpTo, 0)
  assert.equal(settle({ type: 'ack', key: 'k1' }, () => 3).accepted, 'k1')
})

test('refused fixes are counted and settled only by the ack that follows', () => {
  const some = settle({ type: 'refused', seq: 5, code: 'off_duty', detail: '', indexes: [0, 2] }, () => 3)
  assert.deepEqual(some.fixesRefused, { count: 2, code: 'off_duty' })
  assert.equal(some.fixesUpTo, null)
  const all = settle({ type: 'refused', seq: 5, code: 'off_duty', detail: '' }, () => 3)
  assert.deepEqual(all.fixesRefused, { count: 3, code: 'off_duty' })
})
