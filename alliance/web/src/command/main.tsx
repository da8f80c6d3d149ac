/** The desk's entry. */
import { render } from 'preact'
import '../style.css'
import { applyTheme } from '../theme.ts'

applyTheme()
const root = document.getElementById('root')
if (root) render(<main />, root)
