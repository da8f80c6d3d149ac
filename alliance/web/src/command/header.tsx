/** The bar at the top: the district, the pages, the state of the connection, the clock. */
import { useEffect, useRef } from 'preact/hooks'
import { clockTime, dayText, language, named, setLanguage } from '../i18n.ts'
import { me, signOut } from '../session.ts'
import { setTheme, theme } from '../theme.ts'
import { common, roleName } from '../words.ts'
import { Badge } from './attention/badge.tsx'
import { alone, feedState, heard, now } from './desk.ts'
import { readable } from './readers.ts'
import { href, route } from './router.ts'
import { t } from './texts.ts'

export function Header() {
  const who = me.value
  if (!who) return null
  return (
    <header class="bar">
      <a class="brand" href={href(readable()[0] ?? 'map')}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <b>{common('alliance')}</b>
        <span class="muted">{named(who.district)}</span>
      </a>
      <Pages />
      <Connection />
      <Time />
      <div class="bar-end">
        <button type="button" class="plain" onClick={() => setTheme(theme.value === 'dark' ? 'light' : 'dark')}>
          {t(theme.value === 'dark' ? 'to_light' : 'to_dark')}
        </button>
        <button type="button" class="plain" lang={language.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLanguage(language.value === 'zh' ? 'en' : 'zh')}>{common('language')}</button>
        <span class="who" title={`${who.name} · ${who.organisation.name}`}>
          {who.name}<span class="muted"> {roleName(who.roles[0]?.role ?? '')}</span>
        </span>
        <button type="button" class="plain" onClick={() => void signOut()}>{t('sign_out')}</button>
      </div>
    </header>
  )
}

/** Where they don't all fit they are moved sideways, so that the one that is shown is always seen. */
function Pages() {
  const nav = useRef<HTMLElement>(null)
  const { page } = route.value
  useEffect(() => {
    const bar = nav.current
    if (bar === null) return
    const watch = new ResizeObserver(() => centre(bar))
    watch.observe(bar)
    return () => watch.disconnect()
  }, [page, language.value])
  return (
    <nav ref={nav} aria-label={t('pages')}>
      {readable().map((name) => (
        <a key={name} href={href(name)} aria-current={page === name ? 'page' : undefined}>
          {t(name)}{name === 'attention' && <Badge />}
        </a>
      ))}
    </nav>
  )
}

function centre(bar: HTMLElement): void {
  const shown = bar.querySelector('[aria-current]')?.getBoundingClientRect()
  if (shown === undefined) return
  const room = bar.getBoundingClientRect()
  bar.scrollLeft += shown.left + shown.width / 2 - room.left - room.width / 2
}

function Connection() {
  const state = feedState.value
  const partial = state === 'live' && alone.value
  const text = partial ? t('live_alone') : state === 'live' ? t('live')
    : heard.value === 0 ? t('connecting') : t('reconnecting', { time: clockTime(heard.value) })
  return (
    <span class={`connection ${partial ? 'waiting' : state}`} role="status" aria-live="polite"
      title={partial ? t('live_alone_why') : undefined}><i aria-hidden="true" />{text}</span>
  )
}

function Time() {
  return (
    <time class="clock" dateTime={new Date(now.value).toISOString()}>
      <span class="muted">{dayText(now.value)}</span> <b>{clockTime(now.value)}</b>
    </time>
  )
}
