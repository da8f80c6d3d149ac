import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atStart, instantOf, moved, timeOf, type Frames } from '../src/command/replay/frames.ts'
import { pastShades, COLD, COVERED } from '../src/command/map/shades.ts'

const frames: Frames = { from: 1000, step: 10, on: [[0, 2], [1], [], [0]], off: [[], [0], [2], []], coverage: [0.5, 0.5, 0.25, 0.5] }
const at = (n: number, from = atStart(3)): number[] => [...moved(frames, from, n).covered]

test('each frame is the one before and what changed', () => {
  assert.deepEqual([0, 1, 2, 3].map((n) => at(n)), [[1, 0, 1], [0, 1, 1], [0, 1, 0], [1, 1, 0]])
  assert.equal(timeOf(frames, 3), 1030)
})

test('going back begins anew', () => {
  const late = moved(frames, atStart(3), 3)
  assert.deepEqual(at(1, late), [0, 1, 1])
  assert.deepEqual(at(2, moved(frames, atStart(3), 1)), [0, 1, 0])
})

test('a local minute is an instant of the zone, also across a change of the clock', () => {
  assert.equal(instantOf('2026-03-04', 360, 'Asia/Shanghai'), Date.parse('2026-03-03T22:00:00Z'))
  assert.equal(instantOf('2026-03-04', 1440 + 360, 'Asia/Shanghai'), Date.parse('2026-03-04T22:00:00Z'))
  assert.equal(instantOf('2026-03-29', 180, 'Europe/Berlin'), Date.parse('2026-03-29T01:00:00Z'))
})

test('the past is covered or cold by tier', () => {
  assert.deepEqual([...pastShades(Uint8Array.of(1, 0, 0), [1, 1, 3])], [COVERED + 2, COLD, COLD + 2])
})
