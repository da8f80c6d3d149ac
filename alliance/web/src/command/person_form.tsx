/** The form of a person: registering someone new, or changing what is known. */
import { useState } from 'preact/hooks'
import { call, newKey, post } from '../api.ts'
import { addDays, isoDay, named } from '../i18n.ts'
import { holds, me } from '../session.ts'
import { Ask } from '../ui/dialog.tsx'
import { Field } from '../ui/parts.tsx'
import { certificateKind, roleName } from '../words.ts'
import { weekdayName } from './codes.ts'
import { now } from './desk.ts'
import type { OrganisationItem, PersonItem, SavedPerson } from './items.ts'
import { clockMinute, minuteOf, spanOf } from './spans.ts'
import { t } from './texts.ts'

type Certificate = PersonItem['certificates'][number]
type Offer = PersonItem['availability'][number]

const KINDS = ['guard', 'first_aid', 'fire', 'drone'] as const
const DAYS = [0, 1, 2, 3, 4, 5, 6] as const
const EVENING: Offer = { weekday: 0, start_minute: 1140, end_minute: 1380 }

/** Whether the one who is signed in looks after the people of an organisation. */
export function caresFor(organisation: number): boolean {
  return holds('administrator') || (me.value?.roles.some((held) => held.role === 'manager' && held.organisation === organisation) ?? false)
}

export function PersonForm({ person, organisations, onSaved, onClose }: {
  person: PersonItem | null
  organisations: readonly OrganisationItem[]
  onSaved(saved: SavedPerson): void
  onClose(): void
}) {
  const own = organisations.filter(({ id, active }) => active && caresFor(id))
  const [certificates, setCertificates] = useState<Certificate[]>(person?.certificates ?? [])
  const [offers, setOffers] = useState<Offer[]>(person?.availability ?? [])
  const [fields, setFields] = useState({
    name: person?.name ?? '', organisation: person?.organisation ?? own[0]?.id ?? 0, role: 'guard', phone: '', id_number: '',
    born: person?.born ?? '', travel_limit_m: person?.travel_limit_m ?? 8000, night_consent: person?.night_consent ?? false,
    overtime_consent: person?.overtime_consent ?? false, active: person?.active ?? true,
  })
  const set = (change: Partial<typeof fields>): void => setFields((before) => ({ ...before, ...change }))
  const save = async (): Promise<void> => {
    const { organisation, role, active, phone, id_number, born, ...plain } = fields
    const body = {
      ...plain, ...(phone && { phone }), ...(id_number && { id_number }), ...(born && { born }),
      ...(certificates !== person?.certificates && { certificates }), ...(offers !== person?.availability && { availability: offers }),
    }
    onSaved(person === null
      ? await post<SavedPerson>('/people', { ...body, organisation, roles: [{ role }] }, { key: newKey() })
      : await call<SavedPerson>('PATCH', `/people/${person.id}`, { body: { ...body, active }, version: person.version }))
  }
  return (
    <Ask title={person === null ? t('new_person') : t('edit_person', { name: person.name })} confirm={t('save')} onConfirm={save} onClose={onClose}>
      <div class="person-form">
        <Field label={t('name')}><input required maxLength={80} value={fields.name} onInput={(event) => set({ name: event.currentTarget.value })} /></Field>
        {person === null && (
          <>
            <Field label={t('organisation')}>
              <select required value={fields.organisation} onChange={(event) => set({ organisation: Number(event.currentTarget.value) })}>
                {own.map((one) => <option key={one.id} value={one.id}>{named(one)}</option>)}
              </select>
            </Field>
            <Field label={t('role_as')}>
              <select value={fields.role} onChange={(event) => set({ role: event.currentTarget.value })}>
                {['guard', 'volunteer'].map((role) => <option key={role} value={role}>{roleName(role)}</option>)}
              </select>
            </Field>
          </>
        )}
        <Field label={t('phone')}>
          <input type="tel" maxLength={30} value={fields.phone} placeholder={person?.phone ? t('phone_keep', { phone: person.phone }) : ''}
            onInput={(event) => set({ phone: event.currentTarget.value.trim() })} />
        </Field>
        <Field label={t('id_number')}><input maxLength={30} value={fields.id_number} onInput={(event) => set({ id_number: event.currentTarget.value.trim() })} /></Field>
        <Field label={t('born')}><input type="date" value={fields.born} onInput={(event) => set({ born: event.currentTarget.value })} /></Field>
        <Field label={t('travel_limit')}><input type="number" min={0} max={200000} step={100} required value={fields.travel_limit_m} onInput={(event) => set({ travel_limit_m: event.currentTarget.valueAsNumber || 0 })} /></Field>
        <div class="checks">
          <Check label={t('night_consent')} value={fields.night_consent} onChange={(night_consent) => set({ night_consent })} />
          <Check label={t('overtime_consent')} value={fields.overtime_consent} onChange={(overtime_consent) => set({ overtime_consent })} />
          {person !== null && <Check label={t('active')} value={fields.active} onChange={(active) => set({ active })} />}
        </div>
      </div>
      <Certificates held={certificates} onChange={setCertificates} />
      <Offers held={offers} onChange={setOffers} />
    </Ask>
  )
}

function Check({ label, value, onChange }: { label: string; value: boolean; onChange(value: boolean): void }) {
  return <label class="check"><input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}</label>
}

const replaced = <T,>(all: readonly T[], at: number, change: Partial<T>): T[] => all.map((one, i) => (i === at ? { ...one, ...change } : one))

const without = <T,>(all: readonly T[], at: number): T[] => all.filter((_, i) => i !== at)

function Certificates({ held, onChange }: { held: Certificate[]; onChange(held: Certificate[]): void }) {
  const today = isoDay(now.peek())
  const fresh: Certificate = { kind: 'guard', number: '', valid_from: today, valid_until: addDays(today, 1825) }
  return (
    <fieldset>
      <legend>{t('certificates')}</legend>
      {held.map((one, i) => (
        <div class="row" key={i}>
          <select aria-label={t('certificates')} value={one.kind} onChange={(event) => onChange(replaced(held, i, { kind: event.currentTarget.value }))}>
            {KINDS.map((kind) => <option key={kind} value={kind}>{certificateKind(kind)}</option>)}
          </select>
          <input class="grow" aria-label={t('number')} placeholder={t('number')} maxLength={60} value={one.number} onInput={(event) => onChange(replaced(held, i, { number: event.currentTarget.value }))} />
          <input type="date" required aria-label={t('valid_from')} value={one.valid_from} onInput={(event) => onChange(replaced(held, i, { valid_from: event.currentTarget.value }))} />
          <input type="date" required aria-label={t('valid_to')} min={one.valid_from} value={one.valid_until} onInput={(event) => onChange(replaced(held, i, { valid_until: event.currentTarget.value }))} />
          <button type="button" onClick={() => onChange(without(held, i))}>{t('remove')}</button>
        </div>
      ))}
      <button type="button" onClick={() => onChange([...held, fresh])}>{t('add')}</button>
    </fieldset>
  )
}

function Offers({ held, onChange }: { held: Offer[]; onChange(held: Offer[]): void }) {
  const next = (): Offer => ({ ...EVENING, weekday: DAYS.find((day) => !held.some(({ weekday }) => weekday === day)) ?? 0 })
  const moved = (i: number, from: string, to: string): void => onChange(replaced(held, i, spanOf(minuteOf(from), minuteOf(to))))
  return (
    <fieldset>
      <legend>{t('availability')}</legend>
      {held.map((one, i) => {
        const [from, to] = [clockMinute(one.start_minute), clockMinute(Math.min(one.end_minute, one.start_minute + 1440))]
        return (
          <div class="row" key={i}>
            <select aria-label={t('weekday')} value={one.weekday} onChange={(event) => onChange(replaced(held, i, { weekday: Number(event.currentTarget.value) }))}>
              {DAYS.map((day) => <option key={day} value={day}>{weekdayName(String(day))}</option>)}
            </select>
            <input type="time" required aria-label={t('from_minute')} value={from} onInput={(event) => moved(i, event.currentTarget.value, to)} />
            <span class="muted">–{one.end_minute > 1440 && ` ${t('next_day')}`}</span>
            <input type="time" required aria-label={t('to_minute')} value={to} onInput={(event) => moved(i, from, event.currentTarget.value)} />
            <span class="grow" />
            <button type="button" onClick={() => onChange(without(held, i))}>{t('remove')}</button>
          </div>
        )
      })}
      <button type="button" onClick={() => onChange([...held, next()])}>{t('add')}</button>
    </fieldset>
  )
}
