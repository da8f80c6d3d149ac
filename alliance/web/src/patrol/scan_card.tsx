/** What became of the codes scanned on this phone: on their way, arrived, or refused with the remedy. */
import { clockTime } from '../i18n.ts'
import { Said, Tag } from '../ui/parts.tsx'
import { CameraButton, canScan } from './camera.tsx'
import type { Letter } from './outbox.ts'
import { dutyState, now, office } from './patrol.ts'
import { arrived, dismissArrival } from './scan.ts'
import { s, scanRefusal } from './scan_texts.ts'
import { t } from './texts.ts'

const SHOWN_MS = 600_000

export function Scans() {
  const present = dutyState.value === 'present'
  const letters = office.value?.waiting.value.letters.filter(({ message }) => message.type === 'scan') ?? []
  const last = arrived.value
  const shown = last !== null && (present || now.value - last.at < SHOWN_MS) ? last : null
  if (letters.length === 0 && shown === null && !(present && canScan)) return null
  return (
    <section class="card scans" aria-labelledby="scans">
      <div class="row"><h2 id="scans" class="grow">{s('checkpoint')}</h2>{present && <CameraButton />}</div>
      {letters.map((letter) => <Pending key={letter.n} letter={letter} />)}
      <div role="status" aria-live="polite">
        {shown !== null && (
          <div class="row arrived">
            <p class="grow"><b class="good">{s('arrived', { name: shown.name })}</b><br />
              <span class="muted">{s('counted', { time: clockTime(shown.at) })}</span> <Tag>{shown.code}</Tag></p>
            <button type="button" class="plain" onClick={dismissArrival}>{t('dismiss')}</button>
          </div>
        )}
      </div>
    </section>
  )
}

function Pending({ letter }: { letter: Letter }) {
  if (letter.message.type !== 'scan') return null
  const time = clockTime(letter.message.at)
  if (letter.refused === null) {
    const out = dutyState.value === 'open' || dutyState.value === 'left'
    return (
      <p role="status">{s(office.value?.state.value === 'live' ? 'sending' : 'queued', { time })}
        {out && <><br /><span class="warn">{s('not_in')}</span></>}</p>
    )
  }
  const { code, detail } = letter.refused
  return (
    <div class="row" role="alert">
      <p class="grow"><b class="bad">{s('refused', { time })}</b><br /><Said text={scanRefusal(code, detail)} /></p>
      <button type="button" onClick={() => void office.value?.dismiss(letter)}>{t('dismiss')}</button>
    </div>
  )
}
