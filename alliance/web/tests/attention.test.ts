import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, type AttentionItem } from '../src/command/attention/groups.ts'

const item = (id: number, kind: string, more: Partial<AttentionItem> = {}): AttentionItem => ({
  id, kind, subject: `${id}`, state: 'open', since: 1000 + id, beat: 'b1', person: null, name: null, organisation: null,
  assignment: null, cell: null, sos: null, raised_at: 0, acknowledged_at: null, acknowledged_by: null, acknowledged_name: null,
  closed_at: null, closed_by: null, reason: null, gone_at: null, mine: true, ...more,
})

test('the most urgent comes first, what somebody sees to last, the longest first', () => {
  const found = grouped([
    item(1, 'battery'), item(2, 'silent', { since: 50 }), item(3, 'silent', { since: 40 }), item(4, 'sos', { state: 'acknowledged' }), item(5, 'sos'),
  ])
  assert.deepEqual(found.map(({ items }) => items[0]?.id), [5, 3, 2, 1, 4])
})

test('the cold cells of a beat are one line, those seen to another', () => {
  const found = grouped([
    item(1, 'cold', { since: 30 }), item(2, 'cold', { since: 20 }), item(3, 'cold', { beat: 'b2' }), item(4, 'cold', { state: 'acknowledged' }),
  ])
  assert.deepEqual(found.map(({ items }) => items.map(({ id }) => id)), [[1, 2], [3], [4]])
  assert.equal(found[0]?.since, 20)
})
