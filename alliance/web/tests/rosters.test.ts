import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillOf, gridOf, weeksOf } from '../src/command/rosters/grid.ts'
import type { BoardItem } from '../src/command/rosters/items.ts'
import { NO_CHANGE, call, isEmpty, move, pin, put, take, withoutGone } from '../src/command/rosters/pending.ts'

const loose = { id: 7, person: 1, post: 1, shift: 10, pinned: false }
const fixed = { ...loose, id: 8, person: 2, pinned: true }

test('a step taken twice is no change', () => {
  assert.ok(isEmpty(take(take(NO_CHANGE, loose), loose)))
  assert.ok(isEmpty(pin(pin(NO_CHANGE, fixed), fixed)))
  const coming = { person: 3, post: 1, shift: 10 }
  assert.ok(isEmpty(call(put(put(NO_CHANGE, coming), coming), coming)))
})

test('who is taken off is loosened first, and not pinned as well', () => {
  assert.deepEqual(take(NO_CHANGE, fixed), { add: [], remove: [8], pin: [], unpin: [8] })
  assert.deepEqual(take(pin(NO_CHANGE, loose), loose), { add: [], remove: [7], pin: [], unpin: [] })
  assert.ok(isEmpty(take(take(NO_CHANGE, fixed), fixed)))
})

test('a move takes off here and puts on there; to where one stands it is none', () => {
  assert.deepEqual(move(NO_CHANGE, loose, { post: 2, shift: 11 }), { add: [{ person: 1, post: 2, shift: 11 }], remove: [7], pin: [], unpin: [] })
  assert.ok(isEmpty(move(NO_CHANGE, loose, { post: 1, shift: 10 })))
})

test('what others have taken off is no longer mine to take off', () => {
  const mine = take(pin(NO_CHANGE, loose), fixed)
  assert.deepEqual(withoutGone(mine, new Set([8])), { add: [], remove: [], pin: [7], unpin: [] })
})

const shift = (id: number, day: string, pattern = 'early') => ({ id, pattern, duty_day: day, start: 0, end: 1 })
const stands = (id: number, at: number) => ({
  id, person: id, name: '', post: 1, post_name: '', beat: 'b', shift: at, duty_day: '', start: 0, end: 1, state: 'draft', pinned: false, why: {},
})
const board: BoardItem = {
  posts: [{ id: 1, code: 'P', name: 'P', name_en: 'P', beat: 'b' }],
  needs: [{ post: 1, pattern: 'early', minimum: 2, desired: 3, certified: 1 }],
  shifts: [shift(10, '2026-03-09'), shift(11, '2026-03-10'), shift(12, '2026-03-10', 'never')],
  assignments: [stands(1, 10), stands(2, 10), stands(3, 10)],
  shortfalls: [{ post: 1, shift: 11, kind: 'minimum', missing: 2, reason: 'distance', detail: {} }],
}

test('the board counts what stands, what a change leaves, and shows no shift that nobody asks for', () => {
  const { days, rows } = gridOf(board, { ...NO_CHANGE, remove: [1, 2], add: [{ person: 9, post: 1, shift: 11 }] })
  assert.deepEqual(days.map(({ day, shifts }) => [day, shifts.length]), [['2026-03-09', 1], ['2026-03-10', 1]])
  const cells = rows[0]?.cells ?? []
  assert.deepEqual(cells.map(({ standing, after }) => [standing.length, after]), [[3, 1], [0, 1]])
  assert.deepEqual(cells.map(fillOf), ['short', 'short'])
  assert.deepEqual(gridOf(board, NO_CHANGE).rows[0]?.cells.map(fillOf), ['full', 'short'])
})

test('the beat that lacks most comes first', () => {
  const day = { day: '2026-03-09', people: 2, minimum: 2, desired: 4 }
  const weeks = weeksOf([{ ...day, beat: 'a', missing: 0 }, { ...day, beat: 'b', missing: 1 }, { ...day, beat: 'b', day: '2026-03-10', missing: 2 }])
  assert.deepEqual(weeks.map(({ beat, missing, people }) => [beat, missing, people]), [['b', 3, 4], ['a', 0, 2]])
})
