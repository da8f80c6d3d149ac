/** Sends what waits, in order, and keeps it until it is acknowledged; one page of the browser does it at a time. */
import { signal } from '@preact/signals'
import { Problem, call } from '../api.ts'
import { makeClock } from '../clock.ts'
import { makeFeed, watchNetwork, type Feed, type FeedState } from '../feed.ts'
import type { Ack, Incoming, Outgoing, Refusal, Welcome } from '../wire.ts'
import type { Box } from './box.ts'
import type { Mark } from './duty.ts'
import { passes, plan, settle, type Keyed, type Letter, type Waiting } from './outbox.ts'

const OFFSET = 'alliance.clock'
const LOCK = 'alliance-patrol'
const NEWS = 'alliance-patrol'
const UPLOAD_AGAIN_MS = 15_000

type Send = (message: Incoming) => boolean

export interface News {
  onEvent(message: Extract<Outgoing, { type: 'event' | 'reset' }>): void
  onWelcome(message: Welcome): void
  onAccepted(letter: Letter, result: Record<string, unknown> | null): void
  /** The service doesn't know this session any more. */
  onEnded(): void
}

export class Office {
  readonly waiting = signal<Waiting>({ letters: [], fixes: [] })
  readonly marks = signal<readonly Mark[]>([])
  readonly state = signal<FeedState>('waiting')
  /** False while another page of this browser does the sending. */
  readonly leading = signal(false)
  readonly fixesRefused = signal<{ count: number; code: string } | null>(null)
  readonly clock = makeClock()
  readonly #box: Box
  readonly #person: number
  readonly #feed: Feed
  readonly #news: BroadcastChannel
  readonly #ending = new AbortController()
  #send: Send | null = null
  #sent = new Set<number>()
  #batches = new Map<number, number>()
  #pumping: Promise<void> = Promise.resolve()
  #uploading = false
  #unwatch: () => void = () => undefined

  constructor(box: Box, person: number, news: News) {
    this.#box = box
    this.#person = person
    this.#news = new BroadcastChannel(NEWS)
    this.#news.onmessage = () => void this.refresh(false)
    this.#recall()
    this.#feed = makeFeed({
      clock: this.clock,
      onMessage: (message) => {
        if (message.type === 'welcome') news.onWelcome(message)
        else if (message.type === 'event' || message.type === 'reset') news.onEvent(message)
      },
      onState: (state) => {
        this.state.value = state
        if (state === 'ended') news.onEnded()
      },
      outbox: {
        resend: (send, welcome) => this.#welcomed(send, welcome),
        settled: (answer) => void this.#settled(answer, news),
      },
    })
  }

  /** Waits for its turn among the pages of this browser, then connects. */
  start(): void {
    const lead = async (): Promise<void> => {
      if (this.#ending.signal.aborted) return
      this.leading.value = true
      this.#unwatch = watchNetwork(this.#feed)
      this.#feed.start()
      await new Promise<void>((done) => this.#ending.signal.addEventListener('abort', () => done()))
    }
    void navigator.locks.request(LOCK, { signal: this.#ending.signal }, lead).catch(() => undefined)
    void this.refresh()
  }

  stop(): void {
    this.#unwatch()
    this.#feed.stop()
    this.#ending.abort()
    this.#news.close()
  }

  async add(message: Keyed, more: { pictures?: number[]; mark?: Mark } = {}): Promise<void> {
    await this.#box.addLetter(this.#person, message, more.pictures ?? [], more.mark ?? null)
    await this.refresh()
  }

  async addFix(assignment: number, fix: Parameters<Box['addFix']>[2]): Promise<void> {
    await this.#box.addFix(this.#person, assignment, fix)
    await this.refresh()
  }

  async dismiss(letter: Letter): Promise<void> {
    await this.#box.dismiss(letter.n)
    await this.refresh()
  }

  /** Reads what waits and sends what was not sent on this connection yet. */
  async refresh(tell = true): Promise<void> {
    this.waiting.value = await this.#box.waiting(this.#person)
    this.marks.value = await this.#box.marks(this.#person)
    if (tell && !this.#ending.signal.aborted) this.#news.postMessage('changed')
    this.#pump()
  }

  #welcomed(send: Send, welcome: Welcome): void {
    this.#send = send
    this.#sent = new Set()
    this.#batches = new Map()
    try {
      localStorage.setItem(OFFSET, String(welcome.now - Date.now()))
    } catch {
      // without storage the offset is learnt again at the next welcome
    }
    this.#pump()
    void this.#upload()
  }

  /** The offset of the last visit, so that a page opened offline on a phone with a wrong clock has the right time. */
  #recall(): void {
    const offset = Number(localStorage.getItem(OFFSET) ?? 0)
    if (Number.isFinite(offset)) this.clock.learn(this.clock.raw(), this.clock.raw(), Date.now() + offset)
  }

  #pump(): void {
    this.#pumping = this.#pumping.then(() => this.#sendDue()).catch(() => undefined)
  }

  #sendDue(): void {
    const send = this.#send
    if (send === null) return
    const waiting = this.waiting.value
    const due = {
      letters: waiting.letters.filter((letter) => !this.#sent.has(letter.n)),
      fixes: waiting.fixes.filter((fix) => !this.#sent.has(fix.n)),
    }
    for (const step of plan(due)) {
      const message = step.message
      if (!send(message)) return
      if ('rows' in step) {
        for (const row of step.rows) this.#sent.add(row)
        this.#batches.set(step.message.seq, step.rows.length)
      } else this.#sent.add(step.n)
    }
    if (waiting.letters.some((letter) => letter.pictures.length > 0)) void this.#upload()
  }

  async #settled(answer: Ack | Refusal, news: News): Promise<void> {
    const settled = settle(answer, (seq) => this.#batches.get(seq) ?? 0)
    if (settled.fixesRefused) this.#countRefused(settled.fixesRefused)
    if (settled.fixesUpTo !== null) await this.#box.fixesSettled(this.#person, settled.fixesUpTo)
    if (settled.accepted !== null) {
      const letter = await this.#box.accepted(settled.accepted)
      if (letter && answer.type === 'ack') news.onAccepted(letter, answer.result ?? null)
    }
    if (settled.refused !== null && !passes(settled.refused.code)) {
      const { key, code, detail } = settled.refused
      await this.#box.refused(key, code, detail)
    }
    await this.refresh()
  }

  #countRefused(refused: { count: number; code: string }): void {
    const before = this.fixesRefused.value
    this.fixesRefused.value = { count: (before?.count ?? 0) + refused.count, code: refused.code }
  }

  /** Pictures go over HTTP before the report that shows them; an unreadable one is left out, not the report. */
  async #upload(): Promise<void> {
    if (this.#uploading || this.#ending.signal.aborted) return
    this.#uploading = true
    try {
      for (const letter of this.waiting.value.letters) {
        for (const picture of letter.refused ? [] : letter.pictures) await this.#uploadOne(letter, picture)
      }
    } catch {
      setTimeout(() => void this.#upload(), UPLOAD_AGAIN_MS)
    } finally {
      this.#uploading = false
    }
    await this.refresh()
  }

  async #uploadOne(letter: Letter, picture: number): Promise<void> {
    const blob = await this.#box.picture(picture)
    if (blob === null) return this.#box.dropPicture(letter.n, picture)
    try {
      const key = `${letter.message.key}-${picture}`
      const photo = await call<{ id: number }>('POST', '/photos', { body: blob, key })
      await this.#box.uploaded(letter.n, picture, photo.id)
    } catch (error) {
      if (!(error instanceof Problem) || !['bad_media', 'too_large', 'bad_request'].includes(error.code)) throw error
      await this.#box.dropPicture(letter.n, picture)
    }
  }
}
