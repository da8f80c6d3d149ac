/** The desk's frame: log-in or header, SOS, page. */
import { useEffect, useState } from 'preact/hooks'
import type { ComponentType } from 'preact'
import { problemOf } from '../api.ts'
import { language } from '../i18n.ts'
import { me, readMe } from '../session.ts'
import { common } from '../words.ts'
import { Failed } from '../ui/parts.tsx'
import { Closed } from './closed.tsx'
import { startDesk, stopDesk } from './desk.ts'
import { Header } from './header.tsx'
import { Login } from './login.tsx'
import { mayRead } from './readers.ts'
import { route, type PageName } from './router.ts'
import { SosBanner } from './sos.tsx'
import { t } from './texts.ts'

const PARTS: Record<PageName, () => Promise<{ default: ComponentType }>> = {
  map: () => import('./map/page.tsx'),
  attention: () => import('./attention/page.tsx'),
  forecast: () => import('./forecast/page.tsx'),
  incidents: () => import('./incidents/page.tsx'),
  rosters: () => import('./rosters/page.tsx'),
  holes: () => import('./holes/page.tsx'),
  duty: () => import('./duty.tsx'),
  checkpoints: () => import('./checkpoints/page.tsx'),
  people: () => import('./people.tsx'),
  ledger: () => import('./ledger.tsx'),
  system: () => import('./system.tsx'),
}

export function App() {
  const [refused, setRefused] = useState<string | null>(null)
  const read = (): void => {
    setRefused(null)
    readMe().catch((error: unknown) => setRefused(problemOf(error)))
  }
  useEffect(() => {
    // Beside the question who is signed in, so that neither waits for the other.
    void bring(route.peek().page).catch(() => undefined)
    read()
  }, [])
  const signedIn = me.value?.person
  useEffect(() => {
    if (signedIn === undefined) return
    void startDesk()
    return stopDesk
  }, [signedIn])
  document.title = t('title')
  if (refused !== null) return <main class="login"><Failed text={refused} retry={read} /></main>
  if (me.value === undefined) return <p class="unseen" role="status">{common('loading')}</p>
  if (me.value === null) return <Login />
  return (
    <div class="desk" lang={language.value === 'zh' ? 'zh-CN' : 'en'}>
      <a class="skip" href="#content" onClick={(event) => {
        event.preventDefault()
        document.getElementById('content')?.focus()
      }}>{t('to_content')}</a>
      <Header />
      <SosBanner />
      <Content />
    </div>
  )
}

const loaded = new Map<PageName, ComponentType>()

async function bring(name: PageName): Promise<void> {
  loaded.set(name, (await PARTS[name]()).default)
}

function Content() {
  const name = route.value.page
  return (
    <main id="content" tabIndex={-1} class={`page page-${name}`}>{mayRead(name) ? <CurrentPage name={name} /> : <Closed page={name} />}</main>
  )
}

function CurrentPage({ name }: { name: PageName }) {
  const [, drawn] = useState(0)
  const [refused, setRefused] = useState<string | null>(null)
  useEffect(() => {
    setRefused(null)
    if (loaded.has(name)) return
    bring(name).then(() => drawn((count) => count + 1), () => setRefused(common('retry')))
  }, [name])
  const Part = loaded.get(name)
  if (refused !== null) return <Failed text={refused} retry={() => location.reload()} />
  return Part ? <Part /> : <p class="empty" role="status">{common('loading')}</p>
}
