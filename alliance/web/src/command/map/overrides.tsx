/** What officers have added to a cell's demand weight: who may, adds more with a reason and an end, or withdraws. */
import { useState } from 'preact/hooks'
import { all, call, newKey, post } from '../../api.ts'
import { addDays, isoDay, named } from '../../i18n.ts'
import { polices } from '../../session.ts'
import { Ask } from '../../ui/dialog.tsx'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Field } from '../../ui/parts.tsx'
import { weekdayName } from '../codes.ts'
import { ground, now } from '../desk.ts'
import { t } from '../texts.ts'

interface Override {
  id: number
  cell: string
  amount: number
  reason: string
  ends_on: string
  weekdays: number[]
  patterns: string[]
}

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const

const signed = (amount: number): string => (amount > 0 ? `+${amount}` : `${amount}`)

/** On which weekdays and in which duty shifts it counts. */
function whenText({ weekdays, patterns }: Pick<Override, 'weekdays' | 'patterns'>): string {
  const days = weekdays.length === 0 ? t('every_day') : weekdays.map((day) => weekdayName(String(day))).join(t('comma'))
  const shifts = duties().filter(({ code }) => patterns.includes(code)).map(named)
  return `${days} · ${patterns.length === 0 ? t('every_duty_shift') : shifts.join(t('comma'))}`
}

const duties = () => ground.value?.district.patterns.filter(({ duty }) => duty) ?? []

export function Overrides({ cell, beat, station }: { cell: string; beat: string; station: string }) {
  const may = polices(beat, station)
  const { value, refused, again } = useLoad(async () => (may ? all<Override>('/overrides') : []), [cell])
  const [asking, setAsking] = useState<'new' | Override | null>(null)
  if (!may) return null
  const own = value?.filter((one) => one.cell === cell)
  return (
    <>
      <h3>{t('overrides')}</h3>
      {refused !== null && <Failed text={refused} retry={again} />}
      {own?.length === 0 && <Empty>{t('no_overrides')}</Empty>}
      <ul class="rows">
        {own?.map((one) => (
          <li key={one.id}>
            <span class="grow"><b>{t('override_made', { amount: signed(one.amount), day: one.ends_on })}</b><br />
              <span>{whenText(one)}</span> <span class="muted">{one.reason}</span></span>
            <button type="button" onClick={() => setAsking(one)}>{t('withdraw')}…</button>
          </li>
        ))}
      </ul>
      <p><button type="button" onClick={() => setAsking('new')}>{t('override')}…</button></p>
      {asking === 'new' && <NewOverride cell={cell} onMade={again} onClose={() => setAsking(null)} />}
      {asking !== null && asking !== 'new' && (
        <Ask title={`${t('withdraw')} ${signed(asking.amount)}`} confirm={t('withdraw')} danger onClose={() => setAsking(null)}
          onConfirm={async () => {
            await call('DELETE', `/overrides/${asking.id}`)
            again()
          }}>
          <p>{asking.reason}</p>
        </Ask>
      )}
    </>
  )
}

function NewOverride({ cell, onMade, onClose }: { cell: string; onMade(): void; onClose(): void }) {
  const today = isoDay(now.peek())
  const [amount, setAmount] = useState('1')
  const [until, setUntil] = useState(addDays(today, 14))
  const [weekdays, setWeekdays] = useState<number[]>([])
  const [patterns, setPatterns] = useState<string[]>([])
  const save = async (reason: string): Promise<void> => {
    await post('/overrides', { cell, amount: Number(amount), reason, ends_on: until, weekdays, patterns }, { key: newKey() })
    onMade()
  }
  return (
    <Ask title={t('override')} confirm={t('save')} reason={t('override_reason')} reasonNeeded onConfirm={save} onClose={onClose}>
      <p class="muted">{t('override_line')}</p>
      <Field label={t('override_amount')}><input type="number" step="0.1" min={-1000} max={1000} required value={amount} onInput={(event) => setAmount(event.currentTarget.value)} /></Field>
      <Field label={t('override_until')}><input type="date" required min={today} max={addDays(today, 366)} value={until} onInput={(event) => setUntil(event.currentTarget.value)} /></Field>
      <Several label={t('override_weekdays')} given={weekdays} onChange={setWeekdays} options={WEEKDAYS.map((day) => [day, weekdayName(String(day))] as const)} />
      <Several label={t('override_patterns')} given={patterns} onChange={setPatterns} options={duties().map((one) => [one.code, named(one)] as const)} />
    </Ask>
  )
}

function Several<T extends number | string>({ label, options, given, onChange }: {
  label: string
  options: readonly (readonly [T, string])[]
  given: readonly T[]
  onChange(given: T[]): void
}) {
  const turn = (one: T): void => onChange(given.includes(one) ? given.filter((other) => other !== one) : [...given, one])
  return (
    <fieldset class="several">
      <legend>{label}</legend>
      <div class="checks">
        {options.map(([one, name]) => (
          <label key={one} class="check"><input type="checkbox" checked={given.includes(one)} onChange={() => turn(one)} />{name}</label>
        ))}
      </div>
    </fieldset>
  )
}
