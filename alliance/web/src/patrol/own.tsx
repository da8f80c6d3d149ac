/** Who I am, the consent, who looked at my track, and what still waits to be sent. */
import { useState } from 'preact/hooks'
import { get } from '../api.ts'
import { clockTime, dateTime, labelled, named } from '../i18n.ts'
import { problemText } from '../problems.ts'
import { me, signOut } from '../session.ts'
import { setTheme, theme } from '../theme.ts'
import { kindName, roleName } from '../words.ts'
import { Phones } from '../phones/phones.tsx'
import { useLoad } from '../ui/load.ts'
import { Ask } from '../ui/dialog.tsx'
import { Empty, Facts, Said } from '../ui/parts.tsx'
import { Consent, consent } from './consent.tsx'
import type { Letter } from './outbox.ts'
import { office, sayProblem } from './patrol.ts'
import { scanRefusal } from './scan_texts.ts'
import { letterName, t } from './texts.ts'

export function Own() {
  const who = me.value!
  const [reading, setReading] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const waiting = office.value?.waiting.value
  const count = waiting ? waiting.letters.length + waiting.fixes.length : 0
  return (
    <>
      <section class="card">
        <h2>{who.name}</h2>
        <Facts rows={[
          [named(who.district), who.organisation.name],
          ...who.roles.map((held) => [roleName(held.role), held.area ?? held.unit ?? ''] as const),
        ]} />
      </section>
      <section class="card" aria-labelledby="consent-state">
        <h2 id="consent-state">{t('consent')}</h2>
        {who.consent
          ? <p class="muted">{t('consent_given', { version: who.consent.text_version })}</p>
          : <p class="warn">{t('consent_none')}</p>}
        {who.consent
          ? <button type="button" onClick={() => void consent(false).catch(sayProblem)}>{t('consent_withdraw')}</button>
          : <button type="button" onClick={() => setReading(true)}>{t('consent_read')}</button>}
        {reading && <Consent onClose={() => setReading(false)} />}
      </section>
      <Phones person={who.person} kind="card" />
      <Reads />
      <section class="card"><h2>{t('outbox')}</h2><OutboxList /></section>
      <div class="stack">
        <button type="button" class="big" onClick={() => setTheme(theme.value === 'dark' ? 'light' : 'dark')}>{t('theme')}</button>
        <button type="button" class="big" onClick={() => setLeaving(true)}>{t('sign_out')}</button>
      </div>
      {leaving && (
        <Ask title={t('sign_out')} confirm={t('sign_out')} onClose={() => setLeaving(false)} onConfirm={signOut}>
          {count > 0 && <p>{t('sign_out_waiting', { n: count })}</p>}
        </Ask>
      )}
    </>
  )
}

function Reads() {
  const reads = useLoad((signal) => get<{ items: { at: number; actor_name?: string; purpose: string }[] }>('/me/reads', {}, signal), [])
  return (
    <section class="card" aria-labelledby="reads">
      <h2 id="reads">{t('reads')}</h2>
      {reads.value?.items.length === 0 && <p class="muted">{t('no_reads')}</p>}
      <ul>{reads.value?.items.map((one) => <li key={one.at}>{dateTime(one.at)} {one.actor_name} · {one.purpose}</li>)}</ul>
    </section>
  )
}

export function OutboxList() {
  const at = office.value
  if (at === null) return null
  const { letters, fixes } = at.waiting.value
  const refused = at.fixesRefused.value
  if (letters.length + fixes.length === 0 && refused === null) return <Empty>{t('nothing_waiting')}</Empty>
  return (
    <ul class="outbox">
      {letters.map((letter) => <LetterRow key={letter.n} letter={letter} />)}
      {fixes.length > 0 && <li>{t('fixes_waiting', { n: fixes.length })}</li>}
      {refused !== null && (
        <li class="refused" role="alert">
          <span class="grow">{t('fixes_refused', { n: refused.count, why: problemText(refused.code, '') })}</span>
          <button type="button" onClick={() => (at.fixesRefused.value = null)}>{t('dismiss')}</button>
        </li>
      )}
    </ul>
  )
}

function LetterRow({ letter }: { letter: Letter }) {
  const { message, refused } = letter
  const name = message.type === 'report' ? `${letterName('report')} · ${kindName(message.kind)}` : letterName(message.type)
  return (
    <li class={refused ? 'refused' : ''}>
      <span class="grow">{name} <small class="faint">{t('made_at', { time: clockTime(message.at) })}</small>
        {refused && <small class="bad"><Said text={labelled(t('refused'), message.type === 'scan' ? scanRefusal(refused.code, refused.detail) : problemText(refused.code, refused.detail))} /></small>}
      </span>
      {refused && <button type="button" onClick={() => void office.value?.dismiss(letter)}>{t('dismiss')}</button>}
    </li>
  )
}
