/** Who could go, the nearest and fittest first. */
import { useState } from 'preact/hooks'
import { get, post } from '../../api.ts'
import { named, number } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Empty, Failed } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { roleName } from '../../words.ts'
import { ground } from '../desk.ts'
import type { CandidateItem, IncidentDetail } from '../items.ts'
import { t } from '../texts.ts'

const SHOWN = 8

export function Candidates({ incident, onChanged }: { incident: IncidentDetail; onChanged(): void }) {
  const { value, refused, again } = useLoad(
    (signal) => get<{ items: CandidateItem[] }>(`/incidents/${incident.id}/candidates`, undefined, signal), [incident.id, incident.version],
  )
  const [chosen, setChosen] = useState<CandidateItem | null>(null)
  return (
    <section class="box">
      <h2>{t('candidates')}</h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value?.items.length === 0 && <Empty>{t('no_candidates')}</Empty>}
      <ul class="pad rows">
        {value?.items.slice(0, SHOWN).map((one) => (
          <li key={one.person}>
            <span class="grow">
              <b>{one.name}</b> <span class="muted">{roleName(one.role)}{beatName(one.beat)}{one.task !== null ? ` · ${t('busy_task')}` : ''}</span>
            </span>
            <span class="muted">{t('metres', { n: number(Math.round(one.metres / 10) * 10) })} · {t('about_minutes', { n: Math.max(1, Math.round(one.travel_s / 60)) })}</span>
            <button type="button" onClick={() => setChosen(one)}>{t('dispatch')}</button>
          </li>
        ))}
      </ul>
      {chosen && (
        <Ask title={t('dispatch_to', { name: chosen.name })} confirm={t('dispatch')} onClose={() => setChosen(null)}
          onConfirm={async (reason) => {
            await post(`/incidents/${incident.id}/dispatch`, { person: chosen.person, reason }, { version: incident.version })
            onChanged()
          }}>
          <p class="muted">{t('metres', { n: number(Math.round(chosen.metres)) })} · {t('about_minutes', { n: Math.max(1, Math.round(chosen.travel_s / 60)) })}</p>
        </Ask>
      )}
    </section>
  )
}

function beatName(code: string): string {
  const beat = ground.value?.areas.get(code)
  return beat ? ` · ${named(beat)}` : ''
}
