/** In place of a page that the reader's roles don't open: whose it is, and whom to ask. */
import { listed } from '../i18n.ts'
import { me } from '../session.ts'
import { common, roleName } from '../words.ts'
import { READERS, readable } from './readers.ts'
import { href, type PageName } from './router.ts'
import { t } from './texts.ts'

const names = (roles: readonly string[]): string => listed([...new Set(roles)].map(roleName))

export function Closed({ page }: { page: PageName }) {
  const own = names(me.value?.roles.map(({ role }) => role) ?? [])
  const [first = 'map'] = readable()
  return (
    <div class="sheet narrow">
      <h1>{t(page)}</h1>
      <p>{t('closed_to_you', { roles: names(READERS[page] ?? []) })}</p>
      <p class="muted">{t('closed_own', { roles: own || common('none') })}</p>
      <p><a class="button" href={href(first)}>{t('go_to', { page: t(first) })}</a></p>
    </div>
  )
}
