/** The page's state: who is here, the duties, the office that sends, and what goes on while on duty. */
import { computed, effect, signal } from '@preact/signals'
import { Problem, get, newKey, problemOf } from '../api.ts'
import { setTimeZone, addDays, isoDay } from '../i18n.ts'
import { me, readMe, type Me } from '../session.ts'
import type { Fix, Kind, Welcome } from '../wire.ts'
import { Box } from './box.ts'
import { current, stateOf, type Duty, type Mark } from './duty.ts'
import { Office } from './office.ts'
import type { Keyed, Letter } from './outbox.ts'
import { battery, fixOf, follow, here, type Trouble } from './positions.ts'
import type { Place } from './pace.ts'

export interface Order {
  id: number
  incident: number
  state: string
  kind: string
  lat: number
  lon: number
  expires_at: number
}

export interface SosCall {
  key: string
  at: number
  sent: number | null
  id: number | null
  state: 'sending' | 'sent' | 'seen' | 'closed'
}

export interface Reminder {
  text: string
  tone: 'good' | 'bad'
}

const DAYS_AHEAD = 14
const TICK_MS = 1_000
const NO_ASSIGNMENT = 0
const CHECK_IN_WAITS_MS = 4_000
const ABOUT_CHANGES = /^(offer|swap|standby|assignment|roster)_/

export const box = signal<Box | null>(null)
export const office = signal<Office | null>(null)
export const duties = signal<readonly Duty[]>([])
export const readAt = signal<number | null>(null)
export const served = signal<ReadonlyMap<number, string>>(new Map())
export const now = signal(Date.now())
export const place = signal<Place | null>(null)
export const trouble = signal<Trouble | null>(null)
export const orders = signal<readonly Order[]>([])
export const sos = signal<SosCall | null>(null)
export const toast = signal<Reminder | null>(null)

export const marks = computed<readonly Mark[]>(() => office.value?.marks.value ?? [])
export const duty = computed(() => current(duties.value, marks.value, served.value, now.value))
export const dutyState = computed(() =>
  duty.value === null ? null : stateOf(duty.value, marks.value, served.value.get(duty.value.id), now.value),
)
const present = computed(() => (dutyState.value === 'present' ? duty.value!.id : null))
const consented = computed(() => me.value?.consent != null)
/** The assignment that positions belong to; an open call for help takes them without one. */
const followed = computed(() => {
  if (!consented.value) return null
  if (present.value !== null) return present.value
  return sos.value !== null && sos.value.state !== 'closed' ? NO_ASSIGNMENT : null
})

/** When following began to be ours: the last check-in, or the call for help. */
const since = computed(() => {
  const stamps = marks.value.filter((mark) => mark.assignment === followed.value && mark.kind === 'in')
  return Math.max(0, ...stamps.map((mark) => mark.at), ...(followed.value === NO_ASSIGNMENT ? [sos.value?.at ?? 0] : []))
})

/** Opens the phone's storage, then finds out who is here: from the service, or offline from the last visit. */
export async function begin(): Promise<void> {
  const opened = await Box.open()
  box.value = opened
  await opened.forgetMarks(Date.now() - 10 * 86_400_000)
  setInterval(() => (now.value = office.value?.clock.now() ?? Date.now()), TICK_MS)
  effect(() => {
    const who = me.value
    if (who) enter(who)
    else if (who === null) leave()
  })
  effect(positions)
  try {
    await readMe()
  } catch (error) {
    const known = await opened.kept<Me>('me')
    if (known === null) throw error
    setTimeZone(known.district.time_zone)
    me.value = known
  }
}

function enter(who: Me): void {
  void box.value?.keep('me', who)
  if (office.value !== null) return
  const made = new Office(box.value!, who.person, {
    onEvent: happened, onWelcome: welcomed, onAccepted: accepted, onEnded: () => void readMe().catch(() => undefined),
  })
  office.value = made
  made.start()
  void recall(who.person).then(readDuties)
  void readOrders()
}

function leave(): void {
  office.value?.stop()
  office.value = null
  duties.value = []
  readAt.value = null
  served.value = new Map()
  orders.value = []
  void box.value?.keep('me', null)
}

async function recall(person: number): Promise<void> {
  const known = await box.value!.kept<{ at: number; items: Duty[] }>(`duties ${person}`)
  if (known && duties.value.length === 0) {
    duties.value = known.items
    readAt.value = known.at
  }
  const call = await box.value!.kept<SosCall>(`sos ${person}`)
  if (call && call.state !== 'closed') sos.value = call
}

export async function readDuties(): Promise<void> {
  const person = me.value?.person
  if (person === undefined) return
  const today = isoDay(office.value?.clock.now() ?? Date.now())
  try {
    const query = { from_day: addDays(today, -1), to_day: addDays(today, DAYS_AHEAD) }
    const { items } = await get<{ items: Duty[] }>('/me/assignments', query)
    const at = office.value?.clock.now() ?? Date.now()
    duties.value = items
    readAt.value = at
    await box.value?.keep(`duties ${person}`, { at, items })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

async function readOrders(): Promise<void> {
  try {
    const { items } = await get<{ items: Omit<Order, 'kind' | 'lat' | 'lon'>[] }>('/me/dispatches')
    const places = await Promise.all(items.map((one) => get<{ kind: string; lat: number; lon: number }>(`/incidents/${one.incident}`)))
    orders.value = items.map((one, n) => {
      const { kind, lat, lon } = places[n]!
      return { ...one, kind, lat, lon }
    })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

function welcomed(welcome: Welcome): void {
  served.value = new Map(welcome.assignments.map((one) => [one.id, one.state]))
  void readDuties()
  void readOrders()
  changed()
}

function happened(message: { type: string; kind?: string; data?: Record<string, unknown> }): void {
  if (message.type === 'reset') {
    void readDuties()
    void readOrders()
    changed()
    return
  }
  const kind = message.kind ?? ''
  if (kind.startsWith('roster_') || kind.startsWith('assignment_')) void readDuties()
  if (kind === 'dispatched' || kind === 'answered') void readOrders()
  if (ABOUT_CHANGES.test(kind)) changed()
  const call = sos.value
  if (call !== null && message.data?.['sos'] === call.id) {
    if (kind === 'sos_acknowledged') setSos({ ...call, state: 'seen' })
    if (kind === 'sos_closed') setSos({ ...call, state: 'closed' })
  }
}

/** What others ask of this person may have changed: offers, swaps, times on call. */
export function onChanges(read: () => void): void {
  readers.add(read)
}

const readers = new Set<() => void>()
const changed = (): void => readers.forEach((read) => read())

function accepted(letter: Letter, result: Record<string, unknown> | null): void {
  if (letter.message.type === 'sos' && sos.value?.key === letter.message.key) {
    const id = Number(result?.['sos'] ?? result?.['id'] ?? 0) || null
    setSos({ ...sos.value, id, sent: clockNow(), state: 'sent' })
  }
  if (letter.message.type === 'answer') void readOrders()
  // Kept, as the page that was opened by the code need not be the one that sends.
  const { key, type, at } = letter.message
  if (type === 'scan') void box.value?.keep(`scanned ${letter.person}`, { ...result, key, at })
}

function setSos(call: SosCall | null): void {
  sos.value = call
  void box.value?.keep(`sos ${me.value?.person}`, call)
}

export const clockNow = (): number => office.value?.clock.now() ?? Date.now()

/** Follows the position while on duty (or calling for help), and no longer. */
function positions(): (() => void) | undefined {
  const assignment = followed.value
  const sending = office.value
  if (assignment === null || sending === null || !('geolocation' in navigator)) return undefined
  const keep = (found: Place): void => {
    place.value = found
    void battery().then((level) => sending.addFix(assignment, fixOf(found, level)))
  }
  const end = follow(sending.clock, since.value, keep, (now) => (trouble.value = now))
  return () => {
    end()
    place.value = null
  }
}

/** Not waited for long: a check-in that only waits for its place could be lost with the page. */
async function fixHere(): Promise<Fix | null> {
  if (!consented.value) return null
  const late = new Promise<null>((done) => setTimeout(done, CHECK_IN_WAITS_MS, null))
  try {
    const found = await Promise.race([here(office.value!.clock), late])
    return found === null ? null : fixOf(found, await battery())
  } catch (found) {
    trouble.value = found as Trouble
    return null
  }
}

/** Checks in or out at this very moment; the position may take its seconds, the time doesn't wait for it. */
export async function stamp(kind: 'in' | 'out', on: Duty): Promise<void> {
  const at = clockNow()
  const fix = kind === 'in' ? await fixHere() : null
  const type = kind === 'in' ? 'check_in' : 'check_out'
  const message: Keyed = { type, key: newKey(), assignment: on.id, at, ...(fix && { fix: [...fix] as Fix }) }
  await office.value!.add(message, { mark: { assignment: on.id, kind, at } })
}

export interface Told {
  kind: Kind
  text: string
  participants: number[]
  pictures: Blob[]
}

/** Where a report is from: here, else the last place known. Null without either. */
export async function reportPlace(): Promise<Place | null> {
  try {
    return await here(office.value!.clock)
  } catch {
    return place.value
  }
}

export async function report(told: Told, from: Place): Promise<void> {
  const pictures = []
  for (const picture of told.pictures) pictures.push(await box.value!.addPicture(picture))
  const [, lat, lon] = fixOf(from, null)
  const message: Keyed = {
    type: 'report', key: newKey(), kind: told.kind, at: clockNow(), lat, lon, text: told.text, participants: told.participants,
  }
  await office.value!.add(message, { pictures })
}

/** Calls for help: at once with the last place known, then with better ones as they come. */
export async function callForHelp(): Promise<void> {
  if (sos.value !== null && sos.value.state !== 'closed') return
  const key = newKey()
  const at = clockNow()
  setSos({ key, at, sent: null, id: null, state: 'sending' })
  const known = place.value
  await office.value!.add({ type: 'sos', key, at, ...(known && { fix: fixOf(known, null) }) })
}

export const dismissSos = (): void => setSos(null)

export async function answer(order: Order, reply: 'accept' | 'decline' | 'on_scene' | 'done'): Promise<void> {
  await office.value!.add({ type: 'answer', key: newKey(), dispatch: order.id, at: clockNow(), reply })
  const state = { accept: 'accepted', decline: 'declined', on_scene: 'on_scene', done: 'done' }[reply]
  orders.value = orders.value.map((one) => (one.id === order.id ? { ...one, state } : one))
}

export function say(text: string, tone: Reminder['tone'] = 'good'): void {
  toast.value = { text, tone }
  setTimeout(() => {
    if (toast.value?.text === text) toast.value = null
  }, 5_000)
}

export const sayProblem = (error: unknown): void => say(problemOf(error), 'bad')
