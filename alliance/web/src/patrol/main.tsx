/** The phone page's entry. */
import { render } from 'preact'
import '../style.css'
import './patrol.css'
import { language, setLanguage } from '../i18n.ts'
import { applyTheme } from '../theme.ts'
import { App } from './app.tsx'

applyTheme()
setLanguage(language.value)
const root = document.getElementById('root')
if (root) render(<App />, root)
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  void navigator.serviceWorker.register('/sw.js', { scope: '/patrol' })
}
