/** A list beside what is chosen of it; on a phone the chosen stands in its place, with a way back. */
import { useEffect, useRef } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { isNarrow } from './narrow.ts'
import { href, route } from './router.ts'
import { t } from './texts.ts'

export function Split({ list, shown, busy, items, children }: {
  list: string
  shown: string
  busy?: boolean
  items: ComponentChildren
  children: ComponentChildren
}) {
  const { page, key } = route.value
  const { listed, detail, leaving } = useOneAtATime(key)
  return (
    <div class={`split ${key === null ? '' : 'chosen'}`}>
      <section class="list" ref={listed} tabIndex={-1} aria-label={list} aria-busy={busy} onClickCapture={leaving}>
        {key === null && <h1 class="unseen">{list}</h1>}
        {items}
      </section>
      <section class="detail" ref={detail} tabIndex={-1} aria-label={shown}>
        {key !== null && <p class="to-list"><a href={href(page)}>← {t('to_list')}</a></p>}
        {children}
      </section>
    </div>
  )
}

/** Where only one of both is seen, the other's coming takes the focus, and the list is found where it was left. */
function useOneAtATime(key: string | null) {
  const listed = useRef<HTMLElement>(null)
  const detail = useRef<HTMLElement>(null)
  const left = useRef({ key, top: 0 })
  useEffect(() => {
    if (left.current.key === key) return
    left.current.key = key
    if (!isNarrow()) return
    const come = key === null ? listed : detail
    come.current?.focus({ preventScroll: true })
    scrollTo(0, key === null ? left.current.top : 0)
  }, [key])
  const leaving = (): void => {
    left.current.top = scrollY
  }
  return { listed, detail, leaving }
}
