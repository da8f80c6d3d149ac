/** The frame of the phone page: log-in or tabs, the line of state above, the call for help below. */
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { language, setLanguage } from '../i18n.ts'
import { me } from '../session.ts'
import { problemOf } from '../api.ts'
import { common } from '../words.ts'
import { Failed, Said } from '../ui/parts.tsx'
import { Credits } from './credits.tsx'
import { Login } from './login.tsx'
import { offers } from './offers.ts'
import { Own, OutboxList } from './own.tsx'
import { begin, office, orders, toast } from './patrol.ts'
import { Report } from './report.tsx'
import { followScans, opened, takeAddress } from './scan.ts'
import { Shifts } from './shifts.tsx'
import { Sos } from './sos.tsx'
import { swaps } from './swaps.ts'
import { t } from './texts.ts'

export type Tab = 'shifts' | 'report' | 'credits' | 'own'
const TABS: readonly Tab[] = ['shifts', 'report', 'credits', 'own']

export const tab = signal<Tab>('shifts')

export function App() {
  const [failed, setFailed] = useState<string | null>(null)
  const start = (): void => {
    setFailed(null)
    begin().catch((error: unknown) => setFailed(problemOf(error)))
  }
  useEffect(start, [])
  useEffect(() => {
    takeAddress()
    return followScans()
  }, [])
  useEffect(() => {
    if (opened.value !== null) tab.value = 'shifts'
  }, [opened.value])
  useEffect(() => {
    document.title = t('title')
  }, [language.value])
  if (failed !== null) return <Failed text={failed} retry={() => location.reload()} />
  if (me.value === undefined) return <p class="empty" role="status">{common('loading')}</p>
  if (me.value === null) return <Login />
  return (
    <div class="phone">
      <StateLine />
      <main id="content">
        <h1 class="unseen">{t(tab.value)}</h1>
        {tab.value === 'shifts' && <Shifts />}
        {tab.value === 'report' && <Report />}
        {tab.value === 'credits' && <Credits />}
        {tab.value === 'own' && <Own />}
      </main>
      <div class="toast" role="status" aria-live="polite">
        {toast.value && <p class={toast.value.tone}><Said text={toast.value.text} /></p>}
      </div>
      <Sos />
      <nav class="tabs" aria-label={t('pages')}>
        {TABS.map((one) => (
          <button type="button" key={one} aria-current={tab.value === one ? 'page' : undefined} onClick={() => (tab.value = one)}>
            <Sign tab={one} />
            <span>{t(one)}</span>
            {one === 'shifts' && waiting() > 0 && <b class="dot">{waiting()}</b>}
          </button>
        ))}
      </nav>
    </div>
  )
}

/** Questions that wait for an answer of this person. */
const waiting = (): number => orders.value.length
  + offers.value.filter((one) => one.state === 'asked').length
  + swaps.value.filter((one) => (one.state === 'open' && one.to === me.value?.person) || (one.state === 'proposed' && one.person === me.value?.person)).length

/** Whether the service hears us, and what waits to be sent; a touch opens the list. */
function StateLine() {
  const [open, setOpen] = useState(false)
  const at = office.value
  if (at === null) return null
  const { letters, fixes } = at.waiting.value
  const count = letters.filter((letter) => letter.refused === null).length + fixes.length
  const refused = letters.some((letter) => letter.refused !== null) || at.fixesRefused.value !== null
  const state = !at.leading.value ? 'elsewhere'
    : at.state.value === 'live' ? 'online'
    : at.state.value === 'connecting' ? 'connecting'
    : at.state.value === 'ended' ? 'signed_out' : 'offline'
  return (
    <header class="state-line">
      <button type="button" class="state" aria-expanded={open} onClick={() => setOpen(!open)}>
        <i class={`lamp ${state}`} aria-hidden="true" />
        <span class="grow">{t(state)}</span>
        <span class={refused ? 'bad' : count > 0 ? 'warn' : 'faint'}>
          {refused ? t('refused') : count > 0 ? t('waiting', { n: count }) : t('nothing_waiting')}
        </span>
      </button>
      <button type="button" class="plain" onClick={() => setLanguage(language.value === 'zh' ? 'en' : 'zh')}>{common('language')}</button>
      {open && <OutboxList />}
    </header>
  )
}

const PATHS: Record<Tab, string> = {
  shifts: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  report: 'M5 4h14v12H9l-4 4zM9 8h6M9 12h4',
  credits: 'M12 3l2.7 5.8 6.3.7-4.7 4.3 1.3 6.2L12 16.9 6.4 20l1.3-6.2L3 9.5l6.3-.7z',
  own: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c1-5 4-6 8-6s7 1 8 6',
}

function Sign({ tab: one }: { tab: Tab }) {
  return <svg viewBox="0 0 24 24" width={24} height={24} aria-hidden="true"><path d={PATHS[one]} /></svg>
}
