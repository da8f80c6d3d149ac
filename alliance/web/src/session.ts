/** Who is signed in on this page. */
import { signal } from '@preact/signals'
import { Problem, call, get, onSignedOut, useCsrf } from './api.ts'
import { setTimeZone } from './i18n.ts'

export interface RoleHeld {
  role: string
  area: string | null
  organisation: number | null
  unit: string | null
}

export interface Me {
  person: number
  name: string
  organisation: { id: number; name: string }
  district: { id: number; name: string; name_en: string; time_zone: string }
  roles: RoleHeld[]
  csrf: string
  consent: { text_version: string | number; given_at: number } | null
  consent_text: { version: string | number; zh: string; en: string }
}

/** `undefined` while nobody knows yet, `null` when nobody is signed in. */
export const me = signal<Me | null | undefined>(undefined)

onSignedOut(() => {
  if (me.value) me.value = null
})

export async function readMe(): Promise<void> {
  try {
    const found = await get<Me>('/me')
    useCsrf(found.csrf)
    setTimeZone(found.district.time_zone)
    me.value = found
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_signed_in') me.value = null
    else throw error
  }
}

export async function signIn(login: string, password: string, district?: number): Promise<void> {
  const answer = await call<{ csrf: string }>('POST', '/login', { body: { login, password, ...(district && { district }) } })
  useCsrf(answer.csrf)
  await readMe()
}

export async function signOut(): Promise<void> {
  await call('POST', '/logout').catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code === 'offline') throw error
  })
  useCsrf(null)
  me.value = null
}

export function holds(...roles: string[]): boolean {
  return me.value?.roles.some(({ role }) => roles.includes(role)) ?? false
}

/** Who keeps watch and staffs the district; the others see their own. */
export const DESK = ['administrator', 'commander', 'chief', 'officer'] as const

export const isCommand = (): boolean => holds('administrator', 'commander')

/** Whether officers' acts on a beat (of a station) are this person's to take. */
export const polices = (beat: string | null, station: string | null): boolean =>
  isCommand() || (me.value?.roles.some(({ role, area }) => ['officer', 'chief'].includes(role) && area !== null && [beat, station].includes(area)) ?? false)
