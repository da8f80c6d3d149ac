import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GRACE_MS, current, stateOf, type Duty } from '../../src/patrol/duty.ts'
import { metres, worth, type Place } from '../../src/patrol/pace.ts'

const HOUR = 3_600_000
const duty = (id: number, start: number, end: number): Duty => ({
  id, start, end, check_in_from: start - GRACE_MS, post: 1, post_name: 'P', beat: 'B', beat_name: 'B', duty_day: '2026-03-04',
  accepted: false, people: [],
})
const one = duty(1, 10 * HOUR, 18 * HOUR)

test('a duty is later, open, present, left and over', () => {
  const mark = (kind: 'in' | 'out', at: number) => ({ assignment: 1, kind, at })
  assert.equal(stateOf(one, [], undefined, 9 * HOUR), 'later')
  assert.equal(stateOf(one, [], undefined, 9.5 * HOUR), 'open')
  assert.equal(stateOf(one, [mark('in', 9.6 * HOUR)], undefined, 11 * HOUR), 'present')
  assert.equal(stateOf(one, [mark('out', 12 * HOUR), mark('in', 9.6 * HOUR)], 'present', 13 * HOUR), 'left')
  assert.equal(stateOf(one, [], 'present', 11 * HOUR), 'present')
  assert.equal(stateOf(one, [], undefined, 18 * HOUR + 1), 'over')
})

test('a check-out that was forgotten keeps the page on duty until half an hour after the end, and no longer', () => {
  const marks = [{ assignment: 1, kind: 'in' as const, at: 10 * HOUR }]
  assert.equal(stateOf(one, marks, undefined, 18 * HOUR + GRACE_MS - 1), 'present')
  assert.equal(stateOf(one, marks, undefined, 18 * HOUR + GRACE_MS), 'over')
})

test('the duty one is on comes before the one to check in to, that before the next', () => {
  const two = duty(2, 18 * HOUR, 22 * HOUR)
  const marks = [{ assignment: 1, kind: 'in' as const, at: 10 * HOUR }]
  assert.equal(current([two, one], marks, new Map(), 17.8 * HOUR)?.id, 1)
  assert.equal(current([two, one], [], new Map(), 17.8 * HOUR)?.id, 1)
  assert.equal(current([two, one], [], new Map(), 18.1 * HOUR)?.id, 2)
  assert.equal(current([], [], new Map(), 0), null)
})

const place = (at: number, lat: number, more: Partial<Place> = {}): Place => ({ at, lat, lon: 113.6, accuracy: 10, ...more })

test('moving: a fix every 15 s; still: every 60 s', () => {
  const last = place(0, 23.1)
  assert.ok(worth(null, last))
  assert.ok(!worth(last, place(14_999, 23.2)))
  assert.ok(worth(last, place(15_000, 23.1003)))
  assert.ok(worth(last, place(15_000, 23.1, { speed: 1.2 })))
  assert.ok(!worth(last, place(59_999, 23.1)))
  assert.ok(worth(last, place(60_000, 23.1)))
})

test('a jump within a bad accuracy is no movement', () => {
  assert.ok(!worth(place(0, 23.1), place(20_000, 23.1003, { accuracy: 200 })))
})

test('a degree of latitude is 111 km', () => {
  assert.ok(Math.abs(metres(place(0, 23), place(0, 24)) - 111_195) < 10)
})
