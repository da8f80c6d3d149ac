/** The names of the posts, read once: a reason may name a post of another beat. */
import { signal } from '@preact/signals'
import { get, type Page } from '../../api.ts'
import { named } from '../../i18n.ts'
import type { PostItem } from '../items.ts'

const posts = signal<ReadonlyMap<number, PostItem>>(new Map())
let asked = false

export function postName(id: number, known = `#${id}`): string {
  if (!asked) {
    asked = true
    get<Page<PostItem>>('/posts').then(
      ({ items }) => (posts.value = new Map(items.map((item) => [item.id, item]))),
      () => (asked = false),
    )
  }
  const found = posts.value.get(id)
  return found ? named(found) : known
}
