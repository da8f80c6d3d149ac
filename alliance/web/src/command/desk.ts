/** The living desk: the ground, the feed folded into signals, the ticking clock, and figures made from them. */
import { batch, computed, signal } from '@preact/signals'
import { get, problemOf } from '../api.ts'
import { makeFeed, watchNetwork, type Feed, type FeedState } from '../feed.ts'
import { NOTHING, fold, type Live } from '../state.ts'
import { me } from '../session.ts'
import type { EventMessage, Outgoing } from '../wire.ts'
import { isOfTheField } from './codes.ts'
import { figures } from './figures.ts'
import { readGround, type Ground } from './ground.ts'
import { outlines } from './map/outlines.ts'
import { route } from './router.ts'

const EVENTS_KEPT = 200
const EVENTS_FIRST = 200
const WEIGHTS_MS = 600_000
const OTHERS_MS = 10_000

export const ground = signal<Ground | null>(null)
export const groundProblem = signal<string | null>(null)
export const live = signal<Live>(NOTHING)
export const feedState = signal<FeedState>('connecting')
/** When the server was last heard. */
export const heard = signal(0)
/** The processes beside the one that serves this desk, as it says: `alone` (by its settings), `joined` or `away`. */
const others = signal<string | undefined>(undefined)
/** Whether they can't be heard: what comes in there is shown here only later. */
export const alone = computed(() => others.value === 'away')
export const now = signal(Date.now())
export const weights = signal<number[] | null>(null)
export const events = signal<readonly EventMessage[]>([])

export const incidents = computed(() => live.value.incidents)
export const sos = computed(() => live.value.sos)
export const people = computed(() => live.value.people)
export const staffing = computed(() => live.value.staffing)
export const until = computed(() => live.value.until)
export const known = computed(() => live.value.known)

export const townOf = computed(() => new Map(ground.value?.beats.map(({ code, town }) => [code, town]) ?? []))

export const table = computed(() => {
  const held = ground.value
  if (held === null) return null
  return figures(held.cells, until.value, weights.value, staffing.value, townOf.value, now.value)
})

const listeners = new Set<(message: EventMessage) => void>()

/** Calls for each event as it comes; returns the undoing. */
export function onEvent(listener: (message: EventMessage) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let feed: Feed | null = null
/** What the feed said before the ground was there. */
let early: Outgoing[] = []
let undo: (() => void)[] = []
let askingOthers: ReturnType<typeof setTimeout> | undefined

/** The feed is opened while the ground is still being read, so that the first picture is already a live one. */
export async function startDesk(): Promise<void> {
  stopDesk()
  groundProblem.value = null
  const mine = openFeed()
  try {
    const read = await readGround((cells) => {
      if (route.peek().page === 'map') outlines(cells)
    })
    if (feed !== mine) return
    ground.value = read
  } catch (error) {
    if (feed !== mine) return
    stopDesk()
    groundProblem.value = problemOf(error)
    return
  }
  void readWeights()
  const waiting = early
  early = []
  batch(() => waiting.forEach(take))
}

function openFeed(): Feed {
  const opened = makeFeed({
    onMessage: take,
    onState: (state) => {
      feedState.value = state
      if (state === 'live') {
        // It may be another process.
        others.value = undefined
        void readOthers()
      }
      if (state === 'ended' && me.value) me.value = null
    },
    afterWelcome: (send) => send({ type: 'watch', areas: [], layers: ['coverage', 'positions', 'incidents', 'staffing'] }),
  })
  feed = opened
  const ticking = setInterval(tick, 1000)
  const weighing = setInterval(() => void readWeights(), WEIGHTS_MS)
  undo = [watchNetwork(opened), ...[ticking, weighing].map((timer) => () => clearInterval(timer))]
  opened.start()
  return opened
}

export function stopDesk(): void {
  feed?.stop()
  feed = null
  clearTimeout(askingOthers)
  for (const step of undo) step()
  undo = []
  early = []
  ground.value = null
  live.value = NOTHING
  events.value = []
}

function tick(): void {
  if (feed === null) return
  now.value = feed.clock.now()
  heard.value = feed.heard
}

/** On and on, unless there are none by the process's settings: then there are none for as long as it runs. */
async function readOthers(): Promise<void> {
  try {
    const told = (await (await fetch('/health/ready')).json()) as { others?: string }
    others.value = told.others
  } catch {
    // without an answer the connection's own state says enough
  }
  clearTimeout(askingOthers)
  if (feedState.peek() === 'live' && others.peek() !== 'alone') askingOthers = setTimeout(() => void readOthers(), OTHERS_MS)
}

async function readWeights(): Promise<void> {
  try {
    const answer = await get<{ cells: string[]; weight: number[] }>('/cells', { layer: 'demand', at: now.value })
    const index = ground.value?.index
    if (!index) return
    const found = new Array<number>(index.size).fill(0)
    answer.cells.forEach((cell, i) => {
      const at = index.get(cell)
      if (at !== undefined) found[at] = answer.weight[i] ?? 0
    })
    weights.value = found
  } catch {
    // the next reading comes in ten minutes; without weights every cell counts the same
  }
}

/** What happened before this page came: the last of it, for the list. */
async function readEvents(latest: number): Promise<void> {
  try {
    const { items } = await get<{ items: EventMessage[] }>('/events', { since: Math.max(0, latest - EVENTS_FIRST), limit: EVENTS_FIRST })
    keep(items)
  } catch {
    // the list then begins with what happens from now on
  }
}

function keep(more: readonly EventMessage[]): void {
  const all = new Map([...events.value, ...more.filter(({ kind }) => isOfTheField(kind))].map((event) => [event.id, event]))
  events.value = [...all.values()].sort((a, b) => b.id - a.id).slice(0, EVENTS_KEPT)
}

function take(message: Outgoing): void {
  const held = ground.value
  if (held === null) {
    early.push(message)
    return
  }
  if (message.type === 'welcome') {
    tick()
    if (events.value.length === 0) void readEvents(message.event)
  }
  live.value = fold(live.value, message, held.index)
  if (message.type !== 'event') return
  keep([message])
  for (const listener of listeners) listener(message)
}
