/** The steps that may follow, each asked for with its reason and sent with the version that was seen. */
import { useState } from 'preact/hooks'
import { Problem, post } from '../../api.ts'
import { listed } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { common } from '../../words.ts'
import type { IncidentDetail } from '../items.ts'
import { t } from '../texts.ts'

const STEPS = ['on_scene', 'close', 'confirm', 'strike', 'reopen'] as const
type Step = (typeof STEPS)[number]

export function Steps({ incident, onChanged }: { incident: IncidentDetail; onChanged(): Promise<void> }) {
  const [asking, setAsking] = useState<Step | null>(null)
  const possible = STEPS.filter((step) => incident.allowed.includes(step))
  const names = listed([...new Set(incident.reports.flatMap(({ name, participants }) => [name, ...participants.map((one) => one.name)]))]
    .filter((name) => name !== null))
  const take = async (step: Step, reason: string): Promise<void> => {
    try {
      await post(`/incidents/${incident.id}/${step}`, { reason }, { version: incident.version })
    } catch (error) {
      if (error instanceof Problem && error.code === 'stale_version') await onChanged()
      throw error
    }
    // Asked before the new version is there, the next step would be refused as stale.
    await onChanged()
  }
  if (possible.length === 0) return null
  return (
    <div class="row wrap">
      {possible.map((step) => (
        <button type="button" key={step} class={step === 'confirm' ? 'primary' : step === 'strike' ? 'danger' : ''} onClick={() => setAsking(step)}>
          {t(step)}
        </button>
      ))}
      {asking && (
        <Ask title={t(asking)} confirm={t(asking)} danger={asking === 'strike'} reason={common('reason')} reasonNeeded={asking === 'strike' || asking === 'reopen'}
          onConfirm={(reason) => take(asking, reason)} onClose={() => setAsking(null)}>
          {asking === 'confirm' && <p class="muted">{t('confirm_line', { names })}</p>}
          {asking === 'strike' && <p class="muted">{t('strike_line')}</p>}
        </Ask>
      )}
    </div>
  )
}
