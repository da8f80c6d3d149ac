/** The organisations, read once for their names. */
import { signal } from '@preact/signals'
import { all } from '../api.ts'
import { named } from '../i18n.ts'
import type { OrganisationItem } from './items.ts'

const organisations = signal<ReadonlyMap<number, OrganisationItem>>(new Map())
let asked = false

export function organisationName(id: number): string {
  if (!asked) {
    asked = true
    all<OrganisationItem>('/organisations').then(
      (items) => (organisations.value = new Map(items.map((item) => [item.id, item]))),
      () => (asked = false),
    )
  }
  const found = organisations.value.get(id)
  return found ? named(found) : ''
}
