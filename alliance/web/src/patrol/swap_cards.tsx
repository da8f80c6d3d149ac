/** The swap market on the phone: what waits for this person, what is open, and the own swaps. */
import { useState } from 'preact/hooks'
import { dayText, hourMinute } from '../i18n.ts'
import { me } from '../session.ts'
import { placeText } from '../words.ts'
import { Ask } from '../ui/dialog.tsx'
import { Empty, Tag, type Tone } from '../ui/parts.tsx'
import { c, swapState } from './change_texts.ts'
import type { Duty } from './duty.ts'
import { duties, now, say, sayProblem } from './patrol.ts'
import { answerSwap, market, offerSwap, runs, swaps, takeSwap, type Half, type Swap } from './swaps.ts'

const TONES: Record<string, Tone> = { open: 'info', proposed: 'warn', agreed: 'warn', done: 'good', refused: 'bad' }
const PAST_SHOWN = 5

export function Swaps() {
  const self = me.value?.person
  const asked = swaps.value.filter((one) => one.to === self && one.state === 'open')
  const own = swaps.value.filter((one) => !asked.includes(one))
  const running = own.filter(runs)
  const past = own.filter((one) => !runs(one)).slice(0, PAST_SHOWN)
  return (
    <section aria-labelledby="swaps" class="stack">
      <h2 id="swaps">{c('swaps')}</h2>
      {asked.length + market.value.length + running.length + past.length === 0 && <Empty>{c('no_swaps')}</Empty>}
      {[...asked, ...market.value].map((one) => <Takeable key={one.id} swap={one} />)}
      {[...running, ...past].map((one) => <Own key={one.id} swap={one} mine={one.person === self} />)}
    </section>
  )
}

export const halfText = (half: Half): string =>
  `${dayText(half.start)} ${hourMinute(half.start)}–${hourMinute(half.end)} · ${placeText(half)}`

function What({ swap }: { swap: Swap }) {
  return (
    <>
      <p>{halfText(swap.duty)}</p>
      {swap.exchange && <p>{c('in_return', { what: halfText(swap.exchange) })}</p>}
      {swap.note && <p class="muted">{swap.note}</p>}
    </>
  )
}

function Takeable({ swap }: { swap: Swap }) {
  const [asking, setAsking] = useState(false)
  const [exchange, setExchange] = useState('')
  const own = duties.value.filter((one) => one.start > now.value)
  const take = async (): Promise<void> => {
    await takeSwap(swap, exchange === '' ? null : Number(exchange))
    say(c(exchange === '' ? 'swap_taken' : 'swap_proposed'))
  }
  return (
    <article class="card" aria-label={`${c('swap')} ${placeText(swap.duty)}`}>
      <div class="row"><b class="grow">{swap.name === null ? c('somebody_offers') : c('name_offers', { name: swap.name })}</b></div>
      <What swap={swap} />
      <div class="row">
        <button type="button" class="primary grow" onClick={() => setAsking(true)}>{c('take_over')}…</button>
        {swap.to !== null && <button type="button" onClick={() => void answerSwap(swap, 'decline').catch(sayProblem)}>{c('no_thanks')}</button>}
      </div>
      {asking && (
        <Ask title={c('take_over')} confirm={c(exchange === '' ? 'take_over' : 'propose')} onClose={() => setAsking(false)} onConfirm={take}>
          <p>{halfText(swap.duty)}</p>
          {own.length > 0 && (
            <label class="field"><span>{c('give_back')}</span>
              <select value={exchange} onChange={(event) => setExchange(event.currentTarget.value)}>
                <option value="">{c('nothing_back')}</option>
                {own.map((one) => <option key={one.id} value={one.id}>{dutyText(one)}</option>)}
              </select>
            </label>
          )}
        </Ask>
      )}
    </article>
  )
}

const dutyText = (one: Duty): string => `${dayText(one.start)} ${hourMinute(one.start)}–${hourMinute(one.end)} ${placeText(one)}`

function Own({ swap, mine }: { swap: Swap; mine: boolean }) {
  const step = (name: 'agree' | 'decline' | 'cancel') => () => void answerSwap(swap, name).catch(sayProblem)
  return (
    <article class="card" aria-label={`${c('swap')} ${placeText(swap.duty)}`}>
      <div class="row">
        <b class="grow">{mine ? (swap.taker_name ? c('mine_to', { name: swap.taker_name }) : c('mine')) : c('name_offers', { name: swap.name ?? '' })}</b>
        <Tag tone={TONES[swap.state] ?? 'plain'}>{swapState(swap.state)}</Tag>
      </div>
      <What swap={swap} />
      {swap.state === 'refused' && <p class="bad">{swap.reason}</p>}
      {mine && runs(swap) && (
        <div class="row">
          {swap.state === 'proposed' && <button type="button" class="primary grow" onClick={step('agree')}>{c('agree')}</button>}
          {swap.state === 'proposed' && <button type="button" onClick={step('decline')}>{c('no_thanks')}</button>}
          <button type="button" class="plain" onClick={step('cancel')}>{c('swap_cancel')}</button>
        </div>
      )}
    </article>
  )
}

/** Puts an own duty on the market: to one of the company, or to all who could take it. */
export function SwapButton({ duty }: { duty: Duty }) {
  const [asking, setAsking] = useState(false)
  const [to, setTo] = useState('')
  const offered = swaps.value.some((one) => one.duty.assignment === duty.id && runs(one))
  if (duty.start <= now.value || offered) return null
  const known = new Map(duties.value.flatMap((one) => one.people).map((one) => [one.person, one.name]))
  for (const beside of duty.people) known.delete(beside.person)
  const offer = async (note: string): Promise<void> => {
    await offerSwap(duty.id, to === '' ? null : Number(to), note)
    say(c('swap_offered'))
  }
  return (
    <>
      <button type="button" class="plain start" onClick={() => setAsking(true)}>{c('offer_swap')}…</button>
      {asking && (
        <Ask title={c('offer_swap')} confirm={c('offer_it')} reason={c('note')} onClose={() => setAsking(false)} onConfirm={offer}>
          <p>{dutyText(duty)}</p>
          <label class="field"><span>{c('to_whom')}</span>
            <select value={to} onChange={(event) => setTo(event.currentTarget.value)}>
              <option value="">{c('to_all')}</option>
              {[...known].map(([person, name]) => <option key={person} value={person}>{name}</option>)}
            </select>
          </label>
        </Ask>
      )}
    </>
  )
}
