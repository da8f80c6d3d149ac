/** People: found by name, phone, organisation, role or beat; one of them beside the list; the organisations. */
import { useEffect, useState } from 'preact/hooks'
import { all, get, type Page, type Refusal } from '../api.ts'
import { isoDay, listed, named } from '../i18n.ts'
import { me } from '../session.ts'
import { Phones } from '../phones/phones.tsx'
import { useLoad } from '../ui/load.ts'
import { Empty, Facts, Failed, Tag } from '../ui/parts.tsx'
import { certificateKind, common, roleName } from '../words.ts'
import { ground, now } from './desk.ts'
import type { OrganisationItem, PersonItem } from './items.ts'
import { PersonForm, caresFor } from './person_form.tsx'
import { go, href, route } from './router.ts'
import { clockMinute } from './spans.ts'
import { organisationKind, weekdayName } from './codes.ts'
import { FellOut, Leaves } from './leave.tsx'
import { Split } from './split.tsx'
import { t } from './texts.ts'

const ROLES = ['guard', 'volunteer', 'lead', 'officer', 'chief', 'manager', 'commander', 'administrator', 'observer'] as const
const PAGE = 100
const TYPING_MS = 250

export default function PeoplePage() {
  const [text, setText] = useState('')
  const [q, setQ] = useState('')
  const [organisation, setOrganisation] = useState('')
  const [role, setRole] = useState('')
  const [beat, setBeat] = useState('')
  const [isNew, setNew] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  const organisations = useLoad(() => all<OrganisationItem>('/organisations'), [])
  const chosen = route.value.key === null ? null : Number(route.value.key)
  return (
    <Split list={t('people')} shown={t('person_detail')} items={
      <>
        <div class="filters" role="search">
          <input class="whole" type="search" aria-label={t('search_people')} placeholder={t('search_people')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <select aria-label={t('organisation')} value={organisation} onChange={(event) => setOrganisation(event.currentTarget.value)}>
            <option value="">{t('any_organisation')}</option>
            {organisations.value?.map((one) => <option key={one.id} value={one.id}>{named(one)}</option>)}
          </select>
          <select aria-label={t('roles')} value={role} onChange={(event) => setRole(event.currentTarget.value)}>
            <option value="">{t('any_role')}</option>
            {ROLES.map((name) => <option key={name} value={name}>{roleName(name)}</option>)}
          </select>
          <select aria-label={t('beat')} value={beat} onChange={(event) => setBeat(event.currentTarget.value)}>
            <option value="">{t('any_beat')}</option>
            {ground.value?.beats.map((area) => <option key={area.code} value={area.code}>{named(area)}</option>)}
          </select>
        </div>
        {organisations.value?.some(({ id }) => caresFor(id)) && (
          <p class="list-head"><button type="button" onClick={() => setNew(true)}>{t('new_person')}…</button></p>
        )}
        {isNew && <PersonForm person={null} organisations={organisations.value ?? []} onClose={() => setNew(false)} onSaved={({ id }) => go('people', id)} />}
        <List key={`${q}|${organisation}|${role}|${beat}`} query={{ q, organisation, role, beat }} chosen={chosen} />
      </>}>
      {chosen === null
        ? <Organisations items={organisations.value} refused={organisations.refused} again={organisations.again} />
        : <Person key={chosen} id={chosen} organisations={organisations.value ?? []} />}
    </Split>
  )
}

function List({ query, chosen }: { query: Record<string, string>; chosen: number | null }) {
  const [before, setBefore] = useState<PersonItem[]>([])
  const [cursor, setCursor] = useState<string | null>(null)
  const { value, refused, busy, again } = useLoad(
    (signal) => get<Page<PersonItem>>('/people', { ...query, limit: PAGE, cursor }, signal), [cursor],
  )
  const items = [...before, ...(value?.items ?? [])]
  const more = value?.next ?? null
  return (
    <div aria-busy={busy}>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && items.length === 0 && <Empty>{t('no_people')}</Empty>}
      {items.map((person) => (
        <a class="list-row" key={person.id} href={href('people', person.id)} aria-current={person.id === chosen}>
          <span class="row"><b>{person.name}</b><span class="muted grow">{listed(person.roles.map((held) => roleName(held.role)))}</span>
            {!person.active && <Tag>{t('inactive')}</Tag>}</span>
          <span class="row muted"><span class="grow">{person.organisation_name}</span><span>{person.phone ?? ''}</span></span>
        </a>
      ))}
      {more !== null && (
        <p class="empty"><button type="button" disabled={busy} onClick={() => { setBefore(items); setCursor(more) }}>{t('show_more')}</button></p>
      )}
    </div>
  )
}

function Person({ id, organisations }: { id: number; organisations: readonly OrganisationItem[] }) {
  const [editing, setEditing] = useState(false)
  const [fell, setFell] = useState(0)
  const { value, refused, again } = useLoad((signal) => get<PersonItem>(`/people/${id}`, undefined, signal), [id])
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const areas = ground.value?.areas
  const today = isoDay(now.peek())
  const scope = (area: string | null): string => {
    const found = area === null ? undefined : areas?.get(area)
    return found ? ` · ${named(found)}` : area === null ? '' : ` · ${area}`
  }
  return (
    <>
      <h1>{value.name} <Tag tone={value.active ? 'good' : 'plain'}>{t(value.active ? 'active' : 'inactive')}</Tag>
        <span class="grow" />
        {caresFor(value.organisation) && <button type="button" onClick={() => setEditing(true)}>{t('edit')}…</button>}
        <a class="button" href={href('people')}>{t('organisations')}</a></h1>
      {editing && <PersonForm person={value} organisations={organisations} onClose={() => setEditing(false)}
        onSaved={({ holes }) => { setFell(holes?.length ?? 0); again() }} />}
      <FellOut duties={fell} />
      <div class="two">
        <section class="box"><div class="pad">
          <Facts rows={[
            [t('organisation'), value.organisation_name],
            [t('roles'), <>{value.roles.map((held) => <div key={held.role + held.area}>{roleName(held.role)}<span class="muted">{scope(held.area)}</span></div>)}</>],
            [t('phone'), value.phone ?? '–'],
            [t('born'), value.born ?? '–'],
            [t('travel_limit'), t('metres', { n: value.travel_limit_m.toLocaleString('en-US') })],
            [t('night_consent'), common(value.night_consent ? 'yes' : 'no')],
          ]} />
        </div></section>
        <div class="stack">
          <section class="box">
            <h2>{t('certificates')}</h2>
            {value.certificates.length === 0 ? <Empty>{common('none')}</Empty> : (
              <ul class="pad rows">
                {value.certificates.map((one) => (
                  <li key={one.kind + one.number}><span class="grow">{certificateKind(one.kind)} <span class="faint">{one.number}</span></span>
                    <span class={one.valid_until < today ? 'bad' : 'muted'}>{t(one.valid_until < today ? 'expired' : 'valid_until', { day: one.valid_until })}</span></li>
                ))}
              </ul>
            )}
          </section>
          <section class="box">
            <h2>{t('availability')}</h2>
            {value.availability.length === 0 ? <Empty>{common('none')}</Empty> : <Week spans={value.availability} />}
          </section>
          {(caresFor(value.organisation) || me.value?.person === id) && <Leaves person={id} onFell={setFell} />}
          <Phones person={id} kind="box" />
        </div>
      </div>
    </>
  )
}

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const

function Week({ spans }: { spans: PersonItem['availability'] }) {
  return (
    <ul class="pad rows">
      {WEEKDAYS.map((weekday) => {
        const own = spans.filter((span) => span.weekday === weekday)
        return (
          <li key={weekday}><span class="weekday">{weekdayName(String(weekday))}</span>
            <span class={own.length === 0 ? 'faint' : ''}>{listed(own.map((span) => `${clockMinute(span.start_minute)}–${span.end_minute > 1440 ? t('next_day') : ''}${clockMinute(span.end_minute)}`)) || '–'}</span></li>
        )
      })}
    </ul>
  )
}

function Organisations({ items, refused, again }: { items: OrganisationItem[] | null; refused: Refusal | null; again(): void }) {
  return (
    <>
      <h2>{t('organisations')} <span class="muted">{items?.length ?? ''}</span></h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {items === null && refused === null && <Empty>{common('loading')}</Empty>}
      {items !== null && items.length > 0 && (
        <section class="box">
          <table>
            <thead><tr><th>{t('organisation')}</th><th>{t('kind')}</th><th>{t('code')}</th><th>{t('permit')}</th><th>{t('state')}</th></tr></thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}><td>{named(one)}</td><td>{organisationKind(one.kind)}</td><td class="mono">{one.code}</td>
                  <td>{common(one.permit ? 'yes' : 'no')}</td><td>{t(one.active ? 'active' : 'inactive')}</td></tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  )
}
