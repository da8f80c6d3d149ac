/** The client of the feed: connects, says hello, resumes after a loss, and keeps the server's time. */
import { makeClock, type Clock } from './clock.ts'
import {
  NOT_YOURS, RESTARTING, SUBPROTOCOL, TOO_FAST, WHO_ARE_YOU,
  type Ack, type Incoming, type Outgoing, type Refusal, type Welcome,
} from './wire.ts'

/** `ended`: the server won't have us (signed out, not ours); only `start` tries again. */
export type FeedState = 'connecting' | 'live' | 'waiting' | 'ended'

/** What is kept until it is acknowledged: everything pending is sent again after each welcome. */
export interface Outbox {
  resend(send: (message: Incoming) => boolean, welcome: Welcome): void
  settled(message: Ack | Refusal): void
}

export interface Socket {
  readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  onopen: ((event: unknown) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: ((event: unknown) => void) | null
}

export interface FeedOptions {
  onMessage(message: Outgoing): void
  onState?(state: FeedState): void
  /** Sent after every welcome, before anything else: the watch. */
  afterWelcome?(send: (message: Incoming) => boolean): void
  outbox?: Outbox
  clock?: Clock
  token?: string
  url?: string
  connect?(url: string, protocol: string): Socket
  random?(): number
}

export interface Feed {
  start(): void
  stop(): void
  /** Whether it went out; what must arrive belongs in the outbox. */
  send(message: Incoming): boolean
  /** Tries at once instead of at the end of the pause: the network came back, the page is seen again. */
  hurry(): void
  readonly clock: Clock
  readonly state: FeedState
  /** When the server was last heard, by this feed's clock; 0 before. */
  readonly heard: number
  /** The last event number seen; a resumed connection replays what came after it. */
  readonly event: number | null
}

const OPEN = 1
const PING_MS = 20_000
const SILENCE_MS = 45_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000

/** How long to wait before the n-th attempt (0, 1, …) after a close with that code; null: don't. */
export function pause(attempt: number, code: number, random: number): number | null {
  if (code === WHO_ARE_YOU || code === NOT_YOURS) return null
  if (code === RESTARTING && attempt === 0) return random * 2_000
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
  return (code === TOO_FAST ? 10_000 : 0) + longest * (0.5 + random / 2)
}

export function feedUrl(location: { protocol: string; host: string }): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/feed`
}

export function makeFeed(options: FeedOptions): Feed {
  const clock = options.clock ?? makeClock()
  const connect = options.connect ?? ((url, protocol) => new WebSocket(url, protocol) as Socket)
  const random = options.random ?? Math.random
  let state: FeedState = 'waiting'
  let socket: Socket | null = null
  let attempt = 0
  let heard = 0
  let quietSince = 0
  let event: number | null = null
  let asked = 0
  let wanted = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let beat: ReturnType<typeof setInterval> | undefined

  const become = (next: FeedState): void => {
    if (state === next) return
    state = next
    options.onState?.(next)
  }

  const send = (message: Incoming): boolean => {
    if (socket === null || socket.readyState !== OPEN || state !== 'live') return false
    socket.send(JSON.stringify(message))
    return true
  }

  const open = (): void => {
    clearTimeout(timer)
    become('connecting')
    const made = connect(options.url ?? feedUrl(location), SUBPROTOCOL)
    socket = made
    quietSince = clock.raw()
    made.onopen = () => {
      asked = clock.raw()
      const since = event === null ? {} : { since: event }
      const token = options.token === undefined ? {} : { token: options.token }
      made.send(JSON.stringify({ type: 'hello', now: clock.now(), ...since, ...token } satisfies Incoming))
    }
    made.onmessage = ({ data }) => {
      if (socket === made) take(JSON.parse(String(data)) as Outgoing)
    }
    made.onclose = ({ code }) => {
      if (socket === made) lost(code)
    }
    made.onerror = () => undefined
    beat ??= setInterval(pulse, PING_MS)
  }

  const take = (message: Outgoing): void => {
    if (message.type === 'welcome') welcome(message)
    heard = clock.now()
    quietSince = clock.raw()
    if (message.type === 'event') {
      if (event !== null && message.id <= event) return
      event = message.id
    } else if (message.type === 'reset') event = message.event
    else if (message.type === 'ack' || message.type === 'refused') options.outbox?.settled(message)
    options.onMessage(message)
    if (message.type === 'reset') options.afterWelcome?.(send)
  }

  const welcome = (message: Welcome): void => {
    clock.learn(asked, clock.raw(), message.now)
    // Without a `since` nothing is replayed: what comes next is what follows the welcome.
    event ??= message.event
    attempt = 0
    become('live')
    options.afterWelcome?.(send)
    options.outbox?.resend(send, message)
  }

  const lost = (code: number): void => {
    socket = null
    if (!wanted) return
    const wait = pause(attempt, code, random())
    attempt += 1
    if (wait === null) {
      finish('ended')
      return
    }
    become('waiting')
    timer = setTimeout(open, wait)
  }

  const pulse = (): void => {
    const silent = clock.raw() - quietSince > SILENCE_MS
    if (state === 'live' && !silent) {
      send({ type: 'ping' })
      return
    }
    if (socket !== null && silent) {
      const dead = socket
      dead.onclose = null
      dead.close(4000, 'silent')
      lost(1006)
    }
  }

  const finish = (last: FeedState): void => {
    wanted = false
    clearTimeout(timer)
    clearInterval(beat)
    beat = undefined
    const closing = socket
    socket = null
    closing?.close(1000)
    become(last)
  }

  return {
    start: () => {
      if (wanted) return
      wanted = true
      attempt = 0
      open()
    },
    stop: () => finish('waiting'),
    send,
    hurry: () => {
      if (wanted && state === 'waiting' && socket === null) open()
    },
    clock,
    get state() {
      return state
    },
    get heard() {
      return heard
    },
    get event() {
      return event
    },
  }
}

/** Reconnects at once when the network returns or the page is looked at again. Returns the undoing. */
export function watchNetwork(feed: Feed): () => void {
  const seen = (): void => {
    if (document.visibilityState === 'visible') feed.hurry()
  }
  addEventListener('online', feed.hurry)
  document.addEventListener('visibilitychange', seen)
  return () => {
    removeEventListener('online', feed.hurry)
    document.removeEventListener('visibilitychange', seen)
  }
}
