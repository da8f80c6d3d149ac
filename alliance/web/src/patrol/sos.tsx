/** The call for help: held or pressed twice, so that no pocket makes one; it says what has really arrived. */
import { useRef, useState } from 'preact/hooks'
import { clockTime } from '../i18n.ts'
import { callForHelp, dismissSos, sos } from './patrol.ts'
import { t } from './texts.ts'

const HOLD_MS = 1_500
const TWICE_MS = 2_500

export function Sos() {
  const [holding, setHolding] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const pressed = useRef(0)
  const call = sos.value
  const down = (): void => {
    clearTimeout(timer.current)
    setHolding(true)
    timer.current = setTimeout(() => {
      setHolding(false)
      void callForHelp()
    }, HOLD_MS)
  }
  const up = (): void => {
    clearTimeout(timer.current)
    setHolding(false)
  }
  const press = (): void => {
    const at = performance.now()
    if (pressed.current !== 0 && at - pressed.current < TWICE_MS) void callForHelp()
    pressed.current = at
  }
  if (call !== null) {
    return (
      <section class={`sos-state ${call.state}`} role="alert">
        <p>
          {call.state === 'sending' && t('sos_sending')}
          {call.state === 'sent' && t('sos_sent', { time: clockTime(call.sent!) })}
          {call.state === 'seen' && t('sos_seen')}
          {call.state === 'closed' && t('sos_closed')}
        </p>
        {call.state === 'closed' && <button type="button" onClick={dismissSos}>{t('sos_dismiss')}</button>}
      </section>
    )
  }
  return (
    <div class="sos">
      <button type="button" class={holding ? 'holding' : ''} onPointerDown={down} onPointerUp={up} onPointerLeave={up}
        onPointerCancel={up} onClick={press} onContextMenu={(event) => event.preventDefault()} aria-describedby="sos-how">
        {t('sos')}
      </button>
      <small id="sos-how">{t('sos_hold')}</small>
    </div>
  )
}
