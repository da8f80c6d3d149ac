import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { makeClock } from '../src/clock.ts'
import { feedUrl, makeFeed, pause, type FeedState, type Socket } from '../src/feed.ts'
import type { Incoming, Outgoing } from '../src/wire.ts'

class Line implements Socket {
  readyState = 1
  sent: Incoming[] = []
  closed: number | null = null
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror: Socket['onerror'] = null

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Incoming)
  }
  close(code = 1000): void {
    this.closed = code
  }
  says(message: Outgoing): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  drops(code: number): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

function bench(more: Partial<Parameters<typeof makeFeed>[0]> = {}) {
  const lines: Line[] = []
  const got: Outgoing[] = []
  const states: FeedState[] = []
  let raw = 1_000_000
  const feed = makeFeed({
    url: 'ws://here/feed',
    clock: makeClock(() => raw),
    random: () => 1,
    connect: () => {
      const line = new Line()
      lines.push(line)
      return line
    },
    onMessage: (message) => got.push(message),
    onState: (state) => states.push(state),
    ...more,
  })
  return { feed, lines, got, states, pass: (ms: number) => (raw += ms), line: () => lines.at(-1)! }
}

const welcome = (now: number, event: number): Outgoing => ({ type: 'welcome', now, person: 7, roles: [], assignments: [], event })
const event = (id: number): Outgoing => ({ type: 'event', id, kind: 'reported', at: 1, actor: null, data: {} })

test('says hello first and learns the server’s time from the welcome', () => {
  const { feed, line, pass, states } = bench()
  feed.start()
  line().onopen?.({})
  assert.deepEqual(line().sent, [{ type: 'hello', now: 1_000_000 }])
  pass(200)
  line().says(welcome(5_000_100, 3))
  assert.equal(feed.clock.now(), 5_000_200)
  assert.deepEqual(states, ['connecting', 'live'])
  feed.stop()
})

test('sends nothing before the welcome, then the watch, then what is pending', () => {
  const pending: Incoming = { type: 'sos', key: 'k', at: 1 }
  const { feed, line } = bench({
    afterWelcome: (send) => send({ type: 'watch', areas: [], layers: ['coverage'] }),
    outbox: { resend: (send) => void send(pending), settled: () => undefined },
  })
  feed.start()
  line().onopen?.({})
  assert.equal(feed.send(pending), false)
  line().says(welcome(1, 0))
  assert.deepEqual(line().sent.map(({ type }) => type), ['hello', 'watch', 'sos'])
  feed.stop()
})

test('resumes after the last event, drops repeats, and takes a reset’s number', () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { feed, lines, line, got } = bench()
  feed.start()
  line().onopen?.({})
  line().says(welcome(1, 10))
  line().says(event(11))
  line().says(event(11))
  assert.equal(got.filter(({ type }) => type === 'event').length, 1)
  line().drops(1006)
  mock.timers.tick(20_000)
  assert.equal(lines.length, 2)
  line().onopen?.({})
  assert.equal((line().sent[0] as { since?: number }).since, 11)
  line().says(welcome(1, 40))
  line().says(event(12))
  assert.equal(feed.event, 12)
  line().says({ type: 'reset', event: 40 })
  assert.equal(feed.event, 40)
  feed.stop()
  mock.timers.reset()
})

test('hands acknowledgements and refusals to the outbox', () => {
  const settled: string[] = []
  const { feed, line } = bench({
    outbox: { resend: () => undefined, settled: (message) => settled.push(`${message.type} ${message.key}`) },
  })
  feed.start()
  line().onopen?.({})
  line().says(welcome(1, 0))
  line().says({ type: 'refused', key: 'a', code: 'too_late', detail: '' })
  line().says({ type: 'ack', key: 'a' })
  assert.deepEqual(settled, ['refused a', 'ack a'])
  feed.stop()
})

test('gives up when signed out, and not on a restart', () => {
  const { feed, line, states } = bench()
  feed.start()
  line().drops(1012)
  assert.equal(states.at(-1), 'waiting')
  feed.hurry()
  line().drops(4401)
  assert.equal(states.at(-1), 'ended')
})

test('a server that falls silent is left and tried again', () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { feed, lines, line, pass } = bench()
  feed.start()
  line().onopen?.({})
  line().says(welcome(1, 0))
  pass(20_000)
  mock.timers.tick(20_000)
  assert.equal(line().sent.at(-1)?.type, 'ping')
  pass(30_000)
  mock.timers.tick(20_000)
  assert.equal(lines[0]?.closed, 4000)
  mock.timers.tick(2_000)
  assert.equal(lines.length, 2)
  feed.stop()
  mock.timers.reset()
})

test('what was last heard stays the same while the line is being tried again', () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { feed, line, pass } = bench()
  feed.start()
  line().onopen?.({})
  line().says(welcome(1_000_000, 0))
  const heard = feed.heard
  line().drops(1006)
  pass(60_000)
  mock.timers.tick(1_000)
  assert.equal(feed.state, 'connecting')
  assert.equal(feed.heard, heard)
  feed.stop()
  mock.timers.reset()
})

test('pauses grow, stay bounded and are spread', () => {
  for (let attempt = 0; attempt < 40; attempt++) {
    assert.ok(pause(attempt, 1006, 1)! <= 15_000)
    assert.ok(pause(attempt, 1006, 0)! >= 250)
    assert.ok(pause(attempt + 1, 1006, 0.5)! >= pause(attempt, 1006, 0.5)!)
  }
  assert.ok(pause(0, 4429, 0)! >= 10_000)
  assert.equal(pause(0, 4403, 0), null)
  assert.notEqual(pause(0, 1012, 0.1), pause(0, 1012, 0.9))
})

test('the address follows the page’s', () => {
  assert.equal(feedUrl({ protocol: 'https:', host: 'a.example' }), 'wss://a.example/feed')
  assert.equal(feedUrl({ protocol: 'http:', host: '127.0.0.1:8080' }), 'ws://127.0.0.1:8080/feed')
})
