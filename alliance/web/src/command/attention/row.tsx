/** One line: what asks for attention, where, since when, and what may be done about it. */
import { useState } from 'preact/hooks'
import { post, problemOf } from '../../api.ts'
import { dateTime, hourMinute, isoDay, named } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Said, Tag, type Tone } from '../../ui/parts.tsx'
import { ground, now } from '../desk.ts'
import { chooseArea } from '../map/lead.ts'
import { go, href } from '../router.ts'
import { ago } from '../time.ts'
import type { Group } from './groups.ts'
import { kindName, stateName, t } from './texts.ts'
import { read } from './watch.ts'

const TONES: Record<string, Tone> = { sos: 'bad', unstaffed: 'bad', not_arrived: 'bad', silent: 'warn', left_beat: 'warn', still: 'warn' }

/** The hour alone today, the day with it before. */
const when = (at: number): string => (isoDay(at) === isoDay(now.value) ? hourMinute(at) : dateTime(at))

export function Row({ group }: { group: Group }) {
  const [busy, setBusy] = useState(false)
  const [closing, setClosing] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const [first] = group.items
  if (!first) return null
  const ended = group.state === 'resolved' || group.state === 'closed'
  const acknowledge = async (): Promise<void> => {
    setBusy(true)
    setRefused(null)
    await inParts(group.items.map(({ id }) => id)).then(read, (error: unknown) => setRefused(problemOf(error)))
    setBusy(false)
  }
  return (
    <li class={group.state}>
      <Tag tone={TONES[group.kind] ?? 'plain'}>{kindName(group.kind)}</Tag>
      <What group={group} />
      <Where code={group.beat} />
      <span class="muted since">{t('since', { time: when(group.since), ago: ago(now.value - group.since) })}</span>
      <span class="state">
        {ended ? <Tag tone={group.state === 'resolved' ? 'good' : 'plain'}>{stateName(group.state)}</Tag>
          : first.acknowledged_at !== null && <span class="good">{t('seen_by', { name: first.acknowledged_name ?? '', time: when(first.acknowledged_at) })}</span>}
        {ended && <span class="muted"> {when(first.closed_at ?? first.gone_at ?? 0)}{first.reason ? ` · ${first.reason}` : ''}</span>}
        {refused !== null && <span role="alert" class="bad"><Said text={refused} /></span>}
      </span>
      {first.mine && !ended && (
        <span class="acts">
          {group.state === 'open' && <button type="button" class="primary" disabled={busy} onClick={() => void acknowledge()}>
            {t(group.items.length > 1 ? 'acknowledge_all' : 'acknowledge')}</button>}
          {group.items.length === 1 && <button type="button" onClick={() => setClosing(true)}>{t('close')}…</button>}
        </span>
      )}
      {closing && (
        <Ask title={`${t('close')} · ${kindName(group.kind)}`} confirm={t('close')} danger reason={t('close_why')} reasonNeeded onClose={() => setClosing(false)}
          onConfirm={async (reason) => {
            await post(`/attention/${first.id}/close`, { reason })
            void read()
          }}>
          <p class="muted">{t('close_line')}</p>
        </Ask>
      )}
    </li>
  )
}

export async function inParts(ids: number[]): Promise<void> {
  for (let i = 0; i < ids.length; i += 500) await post('/attention/acknowledge', { ids: ids.slice(i, i + 500) })
}

function What({ group }: { group: Group }) {
  const [first] = group.items
  if (group.kind === 'cold') return <b class="what">{t('cells', { n: group.items.length })}</b>
  if (group.kind === 'unstaffed') return <b class="what">{t('nobody')}</b>
  if (!first?.person) return <b class="what">{first?.subject}</b>
  return <b class="what"><a href={href('people', first.person)}>{first.name ?? `#${first.person}`}</a></b>
}

/** The beat, which leads to the map. */
function Where({ code }: { code: string | null }) {
  const area = code === null ? undefined : ground.value?.areas.get(code)
  if (!area) return <span class="where muted">{code ?? ''}</span>
  return <button type="button" class="linklike where" title={t('on_map')} onClick={() => { go('map'); chooseArea(area.code) }}>{named(area)}</button>
}

