/** The desk's entry. */
import { render } from 'preact'
import '../style.css'
import './desk.css'
import { language, setLanguage } from '../i18n.ts'
import { applyTheme } from '../theme.ts'
import { App } from './app.tsx'

applyTheme()
setLanguage(language.value)
const root = document.getElementById('root')
if (root) render(<App />, root)
