/** Before a roster is published: how much it is, and what differs from what people were told for these days. */
import { get, post } from '../../api.ts'
import { number } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/parts.tsx'
import type { RosterItem } from '../items.ts'
import { go } from '../router.ts'
import { t } from '../texts.ts'
import { overlaps } from './compare.tsx'
import type { ComparedItem, FairnessItem } from './items.ts'
import { period } from './page.tsx'
import { r } from './texts.ts'

export function Publish({ roster, rosters, onConfirm, onClose }: {
  roster: RosterItem
  rosters: readonly RosterItem[]
  onConfirm(): Promise<void>
  onClose(): void
}) {
  const told = rosters.find((one) => one.state === 'published' && overlaps(roster, one))
  const even = useLoad((signal) => get<FairnessItem>(`/rosters/${roster.id}/fairness`, undefined, signal), [roster.id])
  if (told !== undefined && told.first_day === roster.first_day && told.last_day === roster.last_day) {
    return <Adopt draft={roster} told={told} onClose={onClose} />
  }
  return (
    <Ask title={t('publish_title')} confirm={t('publish')} onConfirm={onConfirm} onClose={onClose}>
      <p>{t('publish_line', { period: period(roster), n: number(roster.assignments) })}</p>
      {even.value !== null && <p>{r('publish_news', { n: number(even.value.people) })}</p>}
      {told !== undefined && <Notice tone="warn">{t('already_published')}</Notice>}
      <Warnings roster={roster} />
    </Ask>
  )
}

/** In the place of what is published for the same days: only what differs changes. */
function Adopt({ draft, told, onClose }: { draft: RosterItem; told: RosterItem; onClose(): void }) {
  const { value } = useLoad((signal) => get<ComparedItem>(`/rosters/${told.id}/compare`, { with: draft.id }, signal), [told.id, draft.id])
  const sum = (name: 'added' | 'removed' | 'moved'): string => number(value?.beats.reduce((total, beat) => total + beat[name], 0) ?? 0)
  return (
    <Ask title={r('adopt_title')} confirm={r('adopt')} reason={r('reason')} reasonNeeded onClose={onClose}
      onConfirm={async (reason) => {
        await post(`/rosters/${told.id}/adopt`, { draft: draft.id, reason }, { version: told.version })
        go('rosters', told.id)
      }}>
      <p>{r('adopt_line', { period: period(draft) })}</p>
      {value !== null && <p><b>{r('publish_diff', { added: sum('added'), removed: sum('removed'), moved: sum('moved') })}</b></p>}
      <Warnings roster={draft} />
    </Ask>
  )
}

function Warnings({ roster }: { roster: RosterItem }) {
  return (
    <>
      {roster.unmet > 0 && <Notice tone="warn">{t('missing_people')}: {number(roster.unmet)}</Notice>}
      {(roster.hard_violations ?? 0) > 0 && <Notice tone="bad">{t('hard_violations')}: {roster.hard_violations}</Notice>}
    </>
  )
}
