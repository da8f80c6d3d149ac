/** The page's address after `#`: `#/incidents/12` is page `incidents` with key `12`. */
import { signal } from '@preact/signals'

export const PAGES = ['map', 'attention', 'forecast', 'incidents', 'rosters', 'holes', 'duty', 'checkpoints', 'people', 'ledger', 'system'] as const
export type PageName = (typeof PAGES)[number]

export interface Route {
  page: PageName
  key: string | null
}

export function parse(hash: string): Route {
  const [page = '', key] = hash.replace(/^#\/?/, '').split('/')
  const known = PAGES.find((name) => name === page) ?? 'map'
  return { page: known, key: key === undefined || key === '' ? null : decodeURIComponent(key) }
}

export const href = (page: PageName, key?: string | number): string =>
  `#/${page}${key === undefined ? '' : `/${encodeURIComponent(key)}`}`

export const route = signal<Route>(parse(typeof location === 'undefined' ? '' : location.hash))

export function go(page: PageName, key?: string | number): void {
  location.hash = href(page, key)
}

if (typeof addEventListener !== 'undefined') {
  addEventListener('hashchange', () => {
    route.value = parse(location.hash)
  })
}
