/** Names of people by id, read once each. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get } from '../api.ts'

const names = signal<ReadonlyMap<number, string>>(new Map())
const asked = new Set<number>()

export function remember(person: number, name: string): void {
  asked.add(person)
  names.value = new Map(names.value).set(person, name)
}

export function useName(person: number): string {
  useEffect(() => {
    if (asked.has(person)) return
    asked.add(person)
    get<{ name: string }>(`/people/${person}`).then(({ name }) => remember(person, name), () => undefined)
  }, [person])
  return names.value.get(person) ?? `#${person}`
}
