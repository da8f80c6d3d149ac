/** The log-in page. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf } from '../api.ts'
import { language, setLanguage } from '../i18n.ts'
import { signIn } from '../session.ts'
import { common } from '../words.ts'
import { Field, Notice } from '../ui/parts.tsx'
import { t } from './texts.ts'

export function Login() {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  useEffect(() => {
    // The map's code comes while the person types.
    void import('./map/page.tsx')
  }, [])
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      await signIn(login.trim(), password)
    } catch (error) {
      setRefused(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <main class="login">
      <form class="login-card" onSubmit={submit}>
        <img src="/icon.svg" alt="" width={52} height={52} />
        <h1>{common('alliance')}</h1>
        <p class="muted">{t('welcome_line')}</p>
        <Field label={t('login')}>
          <input ref={first} name="login" autoComplete="username" autoCapitalize="none" spellcheck={false} required
            value={login} onInput={(event) => setLogin(event.currentTarget.value)} />
        </Field>
        <Field label={t('password')}>
          <input name="password" type="password" autoComplete="current-password" required
            value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </Field>
        {refused !== null && <Notice tone="bad">{refused}</Notice>}
        <button type="submit" class="primary" disabled={busy}>{busy ? t('signing_in') : t('sign_in')}</button>
        <div class="login-foot">
          <a href="/patrol">{t('patrol_page')}</a>
          <button type="button" class="plain" onClick={() => setLanguage(language.value === 'zh' ? 'en' : 'zh')}>{common('language')}</button>
        </div>
      </form>
    </main>
  )
}
