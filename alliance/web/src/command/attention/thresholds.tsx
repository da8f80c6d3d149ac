/** From when on each rule is met: shown to all desks, changed by command. */
import { useState } from 'preact/hooks'
import { call, get, problemOf } from '../../api.ts'
import { isCommand } from '../../session.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Field, Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { kindName, t } from './texts.ts'

const RULES = ['not_arrived', 'unstaffed', 'silent', 'left_beat', 'still', 'cold', 'battery'] as const
type Rule = (typeof RULES)[number]
type Held = Record<Rule, number> & { version: number }

const unit = (rule: Rule): string => t(rule === 'battery' ? 'unit_percent' : rule === 'cold' ? 'unit_times' : 'unit_minutes')
const most = (rule: Rule): number => (rule === 'battery' ? 100 : rule === 'cold' ? 20 : 1440)

export function Thresholds() {
  const { value, refused, again } = useLoad((signal) => get<Held>('/attention/thresholds', undefined, signal), [])
  return (
    <details class="box thresholds">
      <summary>{t('thresholds')}</summary>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && <Form key={value.version} held={value} onSaved={again} />}
    </details>
  )
}

function Form({ held, onSaved }: { held: Held; onSaved(): void }) {
  const [given, setGiven] = useState<Record<string, string>>(() => Object.fromEntries(RULES.map((rule) => [rule, `${held[rule]}`])))
  const [said, setSaid] = useState<{ text: string; bad: boolean } | null>(null)
  const may = isCommand()
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const body = Object.fromEntries(RULES.map((rule) => [rule, Number(given[rule])]))
    try {
      await call('PATCH', '/attention/thresholds', { body, version: held.version })
      setSaid({ text: t('saved'), bad: false })
      onSaved()
    } catch (error) {
      setSaid({ text: problemOf(error), bad: true })
    }
  }
  return (
    <form class="pad" onSubmit={(event) => void save(event)}>
      <p class="muted">{t('thresholds_line')}</p>
      <div class="threshold-fields">
        {RULES.map((rule) => (
          <Field key={rule} label={`${kindName(rule)} (${unit(rule)})`}>
            <input type="number" min={0} max={most(rule)} step={rule === 'cold' ? 0.5 : 1} required disabled={!may} value={given[rule] ?? ''}
              onInput={(event) => setGiven({ ...given, [rule]: event.currentTarget.value })} />
          </Field>
        ))}
      </div>
      {said !== null && <Notice tone={said.bad ? 'bad' : 'good'}>{said.text}</Notice>}
      {may && <p><button type="submit" class="primary">{t('save')}</button></p>}
    </form>
  )
}
