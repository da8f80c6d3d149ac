/** The way to the service over HTTP: one call, typed problems, CSRF and idempotency headers. */
import { problemText } from './problems.ts'

export const ROOT = '/api/v1'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Asked {
  body?: unknown
  /** Sent as If-Match: what was read before it is changed. */
  version?: number | undefined
  /** Sent as Idempotency-Key: a repeat gets the first result. */
  key?: string | undefined
  query?: Record<string, string | number | boolean | readonly string[] | null | undefined>
  signal?: AbortSignal | undefined
}

export interface Page<T> {
  items: T[]
  next: string | null
}

/** A refusal of the service (a problem document), or `offline` / `unreadable` when none arrived. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly extra: Record<string, unknown>

  constructor(code: string, status: number, detail: string, extra: Record<string, unknown> = {}) {
    super(`${code}: ${detail}`)
    this.name = 'Problem'
    this.code = code
    this.status = status
    this.detail = detail
    this.extra = extra
  }

  /** The sentence for a person, in the language of the page. */
  get text(): string {
    return problemText(this.code, this.detail, this.extra)
  }
}

let csrf: string | null = null
let signedOut: () => void = () => undefined

export function useCsrf(token: string | null): void {
  csrf = token
}

/** What to do when a call finds that the session has ended. */
export function onSignedOut(then: () => void): void {
  signedOut = then
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export async function call<T>(method: Method, path: string, asked: Asked = {}): Promise<T> {
  const response = await send(method, path, asked)
  if (response.status === 204) return undefined as T
  if (response.ok) return (await readable(response)) as T
  const problem = await refusal(response)
  if (problem.code === 'not_signed_in') signedOut()
  throw problem
}

export const get = <T>(path: string, query?: Asked['query'], signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, { ...(query && { query }), signal })

export const post = <T>(path: string, body?: unknown, asked: Asked = {}): Promise<T> =>
  call<T>('POST', path, { ...asked, body })

/** Every item of a list, page by page, up to `most`. */
export async function all<T>(path: string, query: Asked['query'] = {}, most = 5000): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await get<Page<T>>(path, { limit: Math.min(500, most), ...query, cursor })
    items.push(...page.items)
    cursor = page.next ?? null
  } while (cursor !== null && items.length < most)
  return items
}

async function send(method: Method, path: string, asked: Asked): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' })
  let body: BodyInit | null = null
  if (asked.body instanceof Blob) body = asked.body
  else if (asked.body !== undefined) {
    body = JSON.stringify(asked.body)
    headers.set('Content-Type', 'application/json')
  }
  if (method !== 'GET' && csrf !== null) headers.set('X-CSRF-Token', csrf)
  if (asked.version !== undefined) headers.set('If-Match', `"${asked.version}"`)
  if (asked.key !== undefined) headers.set('Idempotency-Key', asked.key)
  try {
    return await fetch(ROOT + path + search(asked.query), {
      method, headers, body, credentials: 'same-origin', signal: asked.signal ?? null,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem('offline', 0, String(error))
  }
}

function search(query: Asked['query']): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') given.append(name, String(one))
    }
  }
  return given.size === 0 ? '' : `?${given}`
}

async function readable(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new Problem('unreadable', response.status, 'the answer is not JSON')
  }
}

async function refusal(response: Response): Promise<Problem> {
  const document: unknown = await response.json().catch(() => null)
  if (typeof document !== 'object' || document === null) {
    return new Problem('unreadable', response.status, response.statusText)
  }
  const { code, detail, title, type: _type, status: _status, ...extra } = document as Record<string, unknown>
  const waited = response.headers.get('Retry-After')
  if (waited !== null) extra['retry_after'] = Number(waited)
  return new Problem(String(code ?? 'unreadable'), response.status, String(detail ?? title ?? ''), extra)
}

/** What is shown in place of what couldn't be read. */
export interface Refusal {
  text: string
  /** Whether asking once more may help; who may not see it today may not in a moment. */
  passing: boolean
}

export const refusalOf = (error: unknown): Refusal =>
  ({ text: problemOf(error), passing: !(error instanceof Problem && error.status === 403) })

/** The sentence for whatever was thrown. */
export const problemOf = (error: unknown): string => (error instanceof Problem ? error.text : String(error))
