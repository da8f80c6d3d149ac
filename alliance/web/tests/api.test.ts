import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { Problem, all, call, get, newKey, onSignedOut, post, refusalOf, useCsrf } from '../src/api.ts'
import { setLanguage } from '../src/i18n.ts'

const real = globalThis.fetch
let asked: { url: string; init: RequestInit }[] = []

function answer(...responses: Response[]): void {
  asked = []
  globalThis.fetch = (async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    return responses.shift() ?? Response.error()
  }) as typeof fetch
}
afterEach(() => {
  globalThis.fetch = real
  setLanguage('zh')
  useCsrf(null)
})

const problem = (status: number, document: object, headers = {}) =>
  new Response(JSON.stringify(document), { status, headers: { 'Content-Type': 'application/problem+json', ...headers } })

test('unsafe calls carry the CSRF token, the version and the key; reads carry none', async () => {
  useCsrf('secret')
  answer(Response.json({}), Response.json({}))
  await post('/incidents/3/close', { reason: 'done' }, { version: 4, key: 'abc' })
  await get('/me', { q: '', role: null, limit: 5 })
  const sent = new Headers(asked[0]?.init.headers)
  assert.equal(sent.get('X-CSRF-Token'), 'secret')
  assert.equal(sent.get('If-Match'), '"4"')
  assert.equal(sent.get('Idempotency-Key'), 'abc')
  assert.equal(new Headers(asked[1]?.init.headers).get('X-CSRF-Token'), null)
  assert.equal(asked[1]?.url, '/api/v1/me?limit=5')
})

test('a problem document becomes a sentence in both languages', async () => {
  answer(problem(429, { code: 'too_many', detail: 'slow down', title: 'x' }, { 'Retry-After': '30' }))
  const refused = await call('POST', '/login', { body: {} }).catch((error: unknown) => error)
  assert.ok(refused instanceof Problem)
  assert.equal(refused.status, 429)
  assert.equal(refused.text, '尝试过多，请 30 秒后再试。')
  setLanguage('en')
  assert.equal(refused.text, 'Too many attempts. Try again in 30 s.')
})

test('an unknown code shows the service’s own sentence, a page of HTML is no crash', async () => {
  answer(problem(409, { code: 'brand_new', detail: 'the moon is full' }), new Response('<h1>502</h1>', { status: 502 }))
  assert.equal(((await get('/x').catch((e: unknown) => e)) as Problem).text, 'the moon is full')
  assert.equal(((await get('/x').catch((e: unknown) => e)) as Problem).code, 'unreadable')
})

test('what the service says in English stands on a line of its own below the Chinese sentence', () => {
  assert.equal(new Problem('conflict', 409, 'shift: it overlaps another').text, '与现有内容冲突。\nshift: it overlaps another')
  assert.equal(new Problem('bad_request', 400, '').text, '内容有误，请检查后再试。')
  setLanguage('en')
  assert.equal(new Problem('conflict', 409, 'shift: it overlaps another').text, 'In conflict with what is there: shift: it overlaps another')
})

test('a refusal says for whom it is, and is not asked again; a passing trouble may be', async () => {
  answer(problem(403, { code: 'forbidden', detail: 'x', roles: ['chief', 'officer'] }), problem(403, { code: 'forbidden', detail: 'x' }), problem(503, { code: 'unavailable', detail: 'x' }))
  const refusals = []
  for (let i = 0; i < 3; i++) refusals.push(refusalOf(await get('/x').catch((error: unknown) => error)))
  assert.deepEqual(refusals.map(({ passing }) => passing), [false, false, true])
  assert.match(refusals[0]?.text ?? '', /^只有所长、社区民警可以.*请联系管理员。$/)
  assert.match(refusals[1]?.text ?? '', /^您的角色无权.*请联系管理员。$/)
  setLanguage('en')
  assert.match(new Problem('forbidden', 403, 'x', { roles: ['chief', 'officer'] }).text, /^Only for Chief, Officer, .*administrator/)
})

test('no network is a problem too, an ended session is told once more', async () => {
  globalThis.fetch = () => Promise.reject(new TypeError('failed'))
  assert.equal(((await get('/x').catch((e: unknown) => e)) as Problem).code, 'offline')
  let told = 0
  onSignedOut(() => (told += 1))
  answer(problem(401, { code: 'not_signed_in', detail: '' }))
  await get('/x').catch(() => undefined)
  assert.equal(told, 1)
})

test('a list is read to its end', async () => {
  answer(Response.json({ items: [1, 2], next: 'c' }), Response.json({ items: [3], next: null }))
  assert.deepEqual(await all<number>('/people'), [1, 2, 3])
  assert.ok(asked[1]?.url.includes('cursor=c'))
})

test('keys are long and new each time', () => {
  assert.match(newKey(), /^[0-9a-f]{32}$/)
  assert.notEqual(newKey(), newKey())
})
