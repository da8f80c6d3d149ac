/** The desk says that somebody doesn't come, and why. */
import { useState } from 'preact/hooks'
import { newKey, post } from '../../api.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Choice } from '../../ui/parts.tsx'
import type { DutyItem } from '../items.ts'
import { causeName } from '../../words.ts'
import { h } from './texts.ts'

const KINDS = ['no_show', 'illness', 'leave', 'certificate'] as const
type Kind = (typeof KINDS)[number]

export function AbsentButton({ item, onDone }: { item: Pick<DutyItem, 'assignment' | 'name' | 'state'>; onDone(): void }) {
  const kinds = KINDS.filter((kind) => kind !== 'no_show' || item.state === 'late')
  const [asking, setAsking] = useState(false)
  const [kind, setKind] = useState<Kind>(kinds[0]!)
  const confirm = async (reason: string): Promise<void> => {
    await post(`/assignments/${item.assignment}/absence`, { kind, reason }, { key: newKey() })
    onDone()
  }
  return (
    <>
      <button type="button" class="plain" aria-label={`${h('mark_absent')} ${item.name}`} onClick={() => setAsking(true)}>{h('mark_absent')}…</button>
      {asking && (
        <Ask title={h('mark_title', { name: item.name })} confirm={h('mark_absent')} danger reason={h('why')}
          onClose={() => setAsking(false)} onConfirm={confirm}>
          <p>{h('mark_line')}</p>
          <Choice<Kind> label={h('cause')} value={kind} onChange={setKind} options={kinds.map((one) => [one, causeName(one)] as const)} />
        </Ask>
      )}
    </>
  )
}
