/** Questions to this person: each with its time left and two answers. */
import { useState } from 'preact/hooks'
import { dayText, hourMinute } from '../i18n.ts'
import { placeText } from '../words.ts'
import { Tag } from '../ui/parts.tsx'
import { c, offerState } from './change_texts.ts'
import { answerOffer, offers, type Offer } from './offers.ts'
import { now, say, sayProblem } from './patrol.ts'

const RECENT_MS = 12 * 3_600_000

export function Offers() {
  const asked = offers.value.filter((one) => one.state === 'asked')
  const past = offers.value.filter((one) => one.state !== 'asked' && one.asked_at > now.value - RECENT_MS).slice(0, 5)
  return (
    <>
      {asked.length > 0 && (
        <section aria-labelledby="offers" class="stack">
          <h2 id="offers">{c('offers')}</h2>
          {asked.map((one) => <OfferCard key={one.id} offer={one} />)}
        </section>
      )}
      {past.length > 0 && (
        <details class="card">
          <summary>{c('answered')}</summary>
          <ul>{past.map((one) => (
            <li key={one.id}>{dayText(one.start)} {hourMinute(one.start)}–{hourMinute(one.end)} · {placeText(one)} <Tag>{offerState(one.state)}</Tag></li>
          ))}</ul>
        </details>
      )}
    </>
  )
}

export function leftText(left: number): string {
  if (left <= 0) return c('run_out')
  const seconds = Math.ceil(left / 1000)
  return c('left', { time: c('seconds', { m: Math.floor(seconds / 60), s: seconds % 60 }) })
}

function OfferCard({ offer }: { offer: Offer }) {
  const [busy, setBusy] = useState(false)
  const left = offer.expires_at - now.value
  const give = (reply: 'accept' | 'decline') => async (): Promise<void> => {
    setBusy(true)
    try {
      await answerOffer(offer, reply)
      if (reply === 'accept') say(c('taken'))
    } catch (error) {
      sayProblem(error)
    }
    setBusy(false)
  }
  return (
    <article class="order-card" aria-label={`${c('offer')} ${placeText(offer)}`}>
      <p class="when">{dayText(offer.start)} <b>{hourMinute(offer.start)}–{hourMinute(offer.end)}</b></p>
      <p class="where">{placeText(offer)}</p>
      <p class="muted">
        {c(offer.cause === 'extra' ? 'why_extra' : 'why_absent')} · <span role="timer">{leftText(left)}</span>
      </p>
      {offer.standby && <p class="warn">{c('standby_first')}</p>}
      <div class="row">
        <button type="button" class="primary big grow" disabled={busy || left <= 0} onClick={give('accept')}>{c('take_it')}</button>
        <button type="button" class="big" disabled={busy} onClick={give('decline')}>{c('not_me')}</button>
      </div>
    </article>
  )
}
