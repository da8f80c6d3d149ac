import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING, fold, type Live } from '../src/state.ts'
import type { Outgoing } from '../src/wire.ts'

const cells = new Map([['8a', 0], ['8b', 1], ['8c', 2]])
const after = (messages: Outgoing[], from: Live = NOTHING): Live => messages.reduce((live, message) => fold(live, message, cells), from)
const happens = (kind: string, data: Record<string, unknown>, id = 1, at = 5): Outgoing => ({ type: 'event', id, kind, at, actor: 1, data })
const opened = { incident: 4, kind: 'fire', state: 'open', beat: 'B1', lat: 23, lon: 113, opened_at: 1, version: 1 }

test('coverage: a snapshot replaces, a delta changes what it names, other districts’ cells are passed over', () => {
  const live = after([
    { type: 'snapshot', layer: 'coverage', event: 0, data: { at: 10, cells: [['8a', 100], ['8b', 90]] } },
    { type: 'coverage', at: 12, cells: [['8c', 130], ['8b', 0], ['8f', 9]] },
  ])
  assert.deepEqual([...live.until!], [100, 0, 130])
  assert.equal(live.at, 12)
  const again = fold(live, { type: 'snapshot', layer: 'coverage', event: 0, data: { at: 20, cells: [] } }, cells)
  assert.deepEqual([...again.until!], [0, 0, 0])
  assert.deepEqual([...live.until!], [100, 0, 130], 'the former state is as it was')
})

test('positions: moved, come and gone', () => {
  const live = after([
    { type: 'snapshot', layer: 'positions', event: 0, data: { at: 1, people: [[7, 70, 23, 113, 1, 'present'], [8, 80, 23, 113, 1, 'present']] } },
    { type: 'positions', at: 2, people: [[7, 70, 23.1, 113, 2, 'present']], gone: [8] },
  ])
  assert.deepEqual([...live.people.keys()], [7])
  assert.equal(live.people.get(7)?.lat, 23.1)
})

test('incidents: an older version never overwrites, a closed one leaves the map', () => {
  const live = after([happens('incident_opened', opened)])
  assert.equal(live.incidents.get(4)?.reports, 1)
  const there = after([happens('incident_changed', { ...opened, from: 'open', to: 'on_scene', state: 'on_scene', version: 3 })], live)
  const late = after([happens('incident_changed', { ...opened, to: 'dispatched', state: 'dispatched', version: 2 })], there)
  assert.equal(late.incidents.get(4)?.state, 'on_scene')
  assert.equal(after([happens('incident_changed', { ...opened, to: 'closed', state: 'closed', version: 4 })], late).incidents.size, 0)
})

test('a report that joins is counted once, however often it is told', () => {
  const joined = happens('linked', { ...opened, report: 9, version: 2 }, 2)
  const live = after([happens('incident_opened', opened), joined, joined])
  assert.equal(live.incidents.get(4)?.reports, 2)
  assert.equal(after([happens('unlinked', { ...opened, report: 9, version: 3 }, 3)], live).incidents.get(4)?.reports, 1)
})

test('SOS: rings, is acknowledged, is closed', () => {
  const raised = after([happens('sos_raised', { sos: 2, person: 7, name: '王', lat: 23, lon: 113, beat: 'B1', at: 5 })])
  assert.equal(raised.sos.get(2)?.acknowledged_at, null)
  const heard = after([happens('sos_acknowledged', { sos: 2 }, 2, 9)], raised)
  assert.equal(heard.sos.get(2)?.acknowledged_at, 9)
  assert.equal(after([happens('sos_raised', { sos: 2, person: 7, name: '王', at: 5 }, 3)], heard).sos.get(2)?.acknowledged_at, 9)
  assert.equal(after([happens('sos_closed', { sos: 2 }, 4)], heard).sos.size, 0)
})

test('an SOS without a place is still shown', () => {
  const raised = after([happens('sos_raised', { sos: 3, person: 7, name: '王', at: 5 })])
  assert.equal(raised.sos.get(3)?.lat, null)
})

test('after a reset the layers count as unknown until their snapshots', () => {
  const live = after([{ type: 'snapshot', layer: 'staffing', event: 0, data: { at: 1, beats: [['B1', 2, 4, 3]] } }, { type: 'reset', event: 9 }])
  assert.equal(live.known.size, 0)
  assert.deepEqual(live.staffing.get('B1'), { present: 2, needed: 4, planned: 3 })
})
