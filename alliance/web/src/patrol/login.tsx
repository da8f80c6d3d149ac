/** Signing in on the phone. */
import { useState } from 'preact/hooks'
import { problemOf } from '../api.ts'
import { language, setLanguage } from '../i18n.ts'
import { signIn } from '../session.ts'
import { common } from '../words.ts'
import { Field, Notice } from '../ui/parts.tsx'
import { opened } from './scan.ts'
import { s } from './scan_texts.ts'
import { t } from './texts.ts'

export function Login() {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
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
    <main class="sign-in">
      <form onSubmit={submit}>
        <img src="/icon.svg" alt="" width={64} height={64} />
        <h1>{common('alliance')}</h1>
        <p class="muted">{t('tagline')}</p>
        {opened.value !== null && <Notice>{s('sign_in')}</Notice>}
        <Field label={t('login')}>
          <input name="login" autoComplete="username" autoCapitalize="none" spellcheck={false} required
            value={login} onInput={(event) => setLogin(event.currentTarget.value)} />
        </Field>
        <Field label={t('password')}>
          <input name="password" type="password" autoComplete="current-password" required
            value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </Field>
        {refused !== null && <Notice tone="bad">{refused}</Notice>}
        <button type="submit" class="primary big" disabled={busy}>{busy ? t('signing_in') : t('sign_in')}</button>
        <button type="button" class="plain" onClick={() => setLanguage(language.value === 'zh' ? 'en' : 'zh')}>{common('language')}</button>
      </form>
    </main>
  )
}
