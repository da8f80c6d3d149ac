import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyIn } from '../../src/patrol/code.ts'

test('a code is known by its fragment, whatever address it was printed with', () => {
  assert.equal(keyIn('https://patrol.example:8443/patrol#scan=aB3-_x'), 'aB3-_x')
  assert.equal(keyIn('#scan=aB3-_x'), 'aB3-_x')
})

test('what is no code of ours is none', () => {
  for (const text of ['', '#', '#scan=', 'https://patrol.example/patrol?scan=abc', '#scan=a b', '#scan=a&x=1', `#scan=${'a'.repeat(101)}`]) {
    assert.equal(keyIn(text), null, text)
  }
})
