/** Who may read which page: as the service answers the question the page begins with. */
import { DESK, holds } from '../session.ts'
import { PAGES, type PageName } from './router.ts'

/** A page that isn't here is everybody's, each seeing there what is within the own scope. */
export const READERS: Partial<Record<PageName, readonly string[]>> = {
  rosters: DESK,
  checkpoints: [...DESK, 'lead'],
}

export function mayRead(page: PageName): boolean {
  const readers = READERS[page]
  return readers === undefined || holds(...readers)
}

export const readable = (): PageName[] => PAGES.filter(mayRead)
