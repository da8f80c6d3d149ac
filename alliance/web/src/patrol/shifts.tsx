/** The duty that matters now, orders, and the shifts to come. */
import { useState } from 'preact/hooks'
import { addDays, clockTime, dayText, hourMinute, isoDay, listed } from '../i18n.ts'
import { me } from '../session.ts'
import { common, kindName, placeText } from '../words.ts'
import { Ask } from '../ui/dialog.tsx'
import { Empty, Notice, Tag } from '../ui/parts.tsx'
import { Consent } from './consent.tsx'
import { AbsenceButton } from './absence.tsx'
import type { Duty } from './duty.ts'
import { Offers } from './offer_cards.tsx'
import { Cancelled } from './cancelled.tsx'
import { Scans } from './scan_card.tsx'
import { Standby } from './standby.tsx'
import { SwapButton, Swaps } from './swap_cards.tsx'
import { answer, duties, duty, dutyState, marks, now, office, orders, place, readAt, sayProblem, stamp, trouble, type Order } from './patrol.ts'
import { metres } from './pace.ts'
import { bearing, span } from './span.ts'
import { t } from './texts.ts'

export function Shifts() {
  const shown = duty.value
  const later = duties.value.filter((one) => one.end > now.value && one.id !== shown?.id)
  const offline = office.value?.state.value !== 'live' && readAt.value !== null
  return (
    <>
      {orders.value.map((order) => <OrderCard key={order.id} order={order} />)}
      <Scans />
      <Offers />
      <Cancelled />
      {me.value?.consent == null && <ConsentNotice />}
      {shown && <DutyCard duty={shown} />}
      <section aria-labelledby="upcoming">
        <h2 id="upcoming">{t('upcoming')}</h2>
        {offline && <p class="faint">{t('as_of', { time: clockTime(readAt.value!) })}</p>}
        {later.length === 0 && <NoMore shown={shown !== null} />}
        <ul class="shift-list">{later.map((one) => <ShiftRow key={one.id} duty={one} />)}</ul>
      </section>
      <Standby />
      <Swaps />
    </>
  )
}

function NoMore({ shown }: { shown: boolean }) {
  if (readAt.value === null) return <Empty>{common('loading')}</Empty>
  return (
    <div class="empty">
      <p>{t(shown ? 'no_more_shifts' : 'no_shift')}</p>
      <p class="faint">{t('shifts_come')}</p>
    </div>
  )
}

function ConsentNotice() {
  const [open, setOpen] = useState(false)
  return (
    <Notice>
      <p>{t('consent_none')}</p>
      <button type="button" onClick={() => setOpen(true)}>{t('consent_read')}</button>
      {open && <Consent onClose={() => setOpen(false)} />}
    </Notice>
  )
}

function dayName(start: number): string {
  const today = isoDay(now.value)
  const day = isoDay(start)
  if (day === today) return t('today')
  return day === addDays(today, 1) ? t('tomorrow') : dayText(start)
}

const hours = (one: Duty): string => `${hourMinute(one.start)}–${hourMinute(one.end)}`

function DutyCard({ duty: one }: { duty: Duty }) {
  const state = dutyState.value
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const last = marks.value.filter((mark) => mark.assignment === one.id).at(-1)
  const checkIn = async (): Promise<void> => {
    setBusy(true)
    await stamp('in', one).catch(sayProblem)
    setBusy(false)
  }
  const until = one.start - now.value
  return (
    <section class={`duty-card ${state}`} aria-labelledby="duty-title">
      <div class="row">
        <h2 id="duty-title" class="grow">{state === 'later' ? t('next') : t('now')}</h2>
        {state === 'present' && <Tag tone="good">{t('on_duty')}</Tag>}
        {state === 'left' && <Tag tone="warn">{t('break')}</Tag>}
      </div>
      <p class="when">{dayName(one.start)} <b>{hours(one)}</b></p>
      <p class="where">{placeText(one)}</p>
      <p class="muted">{one.people.length > 0 ? t('with', { names: listed(one.people.map((p) => p.name)) }) : t('alone')}</p>
      <p class="muted">
        {state === 'present' ? t('to_end', { time: span(one.end - now.value) })
          : until > 0 ? t('to_begin', { time: span(until) }) : t('begun', { time: span(-until) })}
        {state === 'present' && last && ` · ${t('since', { time: hourMinute(last.at) })}`}
      </p>
      {state === 'later' && <p class="muted">{t('check_in_from', { time: hourMinute(one.check_in_from) })}</p>}
      {(state === 'open' || state === 'left') && (
        <button type="button" class="primary big" disabled={busy} onClick={checkIn}>
          {busy ? t('locating') : state === 'left' ? t('check_in_again') : t('check_in')}
        </button>
      )}
      {last === undefined && <div class="row"><AbsenceButton duty={one} /><SwapButton duty={one} /></div>}
      {state === 'present' && <PositionLine />}
      {state === 'present' && <button type="button" class="big" onClick={() => setAsking(true)}>{t('check_out')}</button>}
      {asking && (
        <Ask title={t('check_out')} confirm={t('check_out')} onClose={() => setAsking(false)} onConfirm={() => stamp('out', one)}>
          <p>{t('check_out_ask')}</p>
        </Ask>
      )}
    </section>
  )
}

function PositionLine() {
  if (me.value?.consent == null) return null
  if (!isSecureContext) return <Notice tone="bad">{t('position_secure')}</Notice>
  if (trouble.value === 'denied') return <Notice tone="bad">{t('position_denied')}</Notice>
  if (trouble.value === 'unavailable') return <p class="warn" role="status">{t('position_unavailable')}</p>
  if (place.value === null) return <p class="muted" role="status">{t('position_wait')}</p>
  return <p class="good" role="status">{t('position_on', { metres: Math.round(place.value.accuracy) })}</p>
}

function ShiftRow({ duty: one }: { duty: Duty }) {
  return (
    <li>
      <span class="when">{dayName(one.start)}<b>{hours(one)}</b></span>
      <span class="where">{placeText(one)}
        <small class="faint">{one.people.length > 0 ? t('with', { names: listed(one.people.map((p) => p.name)) }) : t('alone')}</small>
        <span class="row"><AbsenceButton duty={one} /><SwapButton duty={one} /></span>
      </span>
    </li>
  )
}

function OrderCard({ order }: { order: Order }) {
  const give = (reply: Parameters<typeof answer>[1]) => () => void answer(order, reply).catch(sayProblem)
  const from = place.value
  return (
    <section class="order-card" aria-label={t('order')}>
      <h2>{t('order')} · {t('order_text', { kind: kindName(order.kind) })}</h2>
      {from && <p>{t('navigate', { metres: Math.round(metres(from, { ...order, at: 0, accuracy: 0 })), bearing: bearing(from, order) })}</p>}
      {order.state === 'ordered' && <p class="muted">{t('expires', { time: clockTime(order.expires_at) })}</p>}
      <div class="row">
        {order.state === 'ordered' && <button type="button" class="primary big grow" onClick={give('accept')}>{t('accept')}</button>}
        {order.state === 'ordered' && <button type="button" class="big" onClick={give('decline')}>{t('decline')}</button>}
        {order.state === 'accepted' && <button type="button" class="primary big grow" onClick={give('on_scene')}>{t('on_scene')}</button>}
        {order.state === 'on_scene' && <button type="button" class="primary big grow" onClick={give('done')}>{t('done')}</button>}
      </div>
    </section>
  )
}
