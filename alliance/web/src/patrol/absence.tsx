/** "I can't come": cancels an own duty with a reason, long enough before or until it is over. */
import { useState } from 'preact/hooks'
import { Ask } from '../ui/dialog.tsx'
import { Choice } from '../ui/parts.tsx'
import { absenceKind, c } from './change_texts.ts'
import type { Duty } from './duty.ts'
import { cannotCome } from './offers.ts'
import { now, say } from './patrol.ts'

type Kind = 'illness' | 'leave'

export function AbsenceButton({ duty }: { duty: Duty }) {
  const [asking, setAsking] = useState(false)
  const [kind, setKind] = useState<Kind>('illness')
  if (duty.end <= now.value) return null
  const confirm = async (reason: string): Promise<void> => {
    await cannotCome(duty.id, kind, reason)
    say(c('told'))
  }
  return (
    <>
      <button type="button" class="plain start" onClick={() => setAsking(true)}>{c('cannot_come')}…</button>
      {asking && (
        <Ask title={c('cannot_come_title')} confirm={c('cannot_come')} danger reason={c('why')} reasonNeeded
          onClose={() => setAsking(false)} onConfirm={confirm}>
          <p>{c('cannot_come_line')}</p>
          <Choice<Kind> label={c('why')} value={kind} onChange={setKind}
            options={[['illness', absenceKind('illness')], ['leave', absenceKind('leave')]]} />
        </Ask>
      )}
    </>
  )
}
