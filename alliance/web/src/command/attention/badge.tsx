/** How much asks for attention, in the bar and above the map's list. */
import { href } from '../router.ts'
import { KINDS } from './groups.ts'
import { kindName, t } from './texts.ts'
import { groups, open, unanswered, useAttention } from './watch.ts'

/** In the bar, where it also keeps the list alive. */
export function Badge() {
  useAttention()
  const waiting = unanswered.value
  return (
    <>
      {waiting > 0 && <b class="badge" aria-hidden="true">{waiting > 99 ? '99+' : waiting}</b>}
      {waiting > 0 && <span class="unseen" role="status">{t('waiting', { n: waiting })}</span>}
    </>
  )
}

/** A line for each kind that has something, with the way to the page. */
export function Summary() {
  if (open.value === null || groups.value.length === 0) return null
  const counts = KINDS.map((kind) => [kind, groups.value.filter((group) => group.kind === kind).length] as const).filter(([, n]) => n > 0)
  return (
    <>
      <h2><a href={href('attention')}>{t('title')}</a> <span class="muted">{groups.value.length}</span></h2>
      <ul class="attention-summary" aria-label={t('spoken', { n: groups.value.length, m: unanswered.value })}>
        {counts.map(([kind, n]) => <li key={kind} class={kind}>{kindName(kind)} <b>{n}</b></li>)}
      </ul>
    </>
  )
}
