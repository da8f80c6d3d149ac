/** What is chosen on the map, and where others ask it to look. */
import { signal } from '@preact/signals'

export type Choice =
  | { kind: 'area'; code: string }
  | { kind: 'cell'; index: number }
  | { kind: 'person'; id: number }
  | { kind: 'incident'; id: number }

export type Target = { lon: number; lat: number; zoom: number } | { code: string } | 'home'

export const choice = signal<Choice | null>(null)

/** Taken and cleared by the map as soon as it stands. */
export const lead = signal<Target | null>(null)

export function chooseArea(code: string): void {
  choice.value = { kind: 'area', code }
  lead.value = { code }
}
