/** Dark for the wall, light for the day; the choice is remembered. */
import { effect, signal } from '@preact/signals'

export type Theme = 'dark' | 'light'

const REMEMBERED = 'alliance.theme'

function remembered(): Theme {
  try {
    return localStorage.getItem(REMEMBERED) === 'light' ? 'light' : 'dark'
  } catch {
    return 'dark'
  }
}

export const theme = signal<Theme>(remembered())

export function setTheme(chosen: Theme): void {
  theme.value = chosen
  try {
    localStorage.setItem(REMEMBERED, chosen)
  } catch {
    // private windows may refuse storage; the choice then lasts as long as the page
  }
}

export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
  })
}
