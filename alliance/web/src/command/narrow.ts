/** Where the screen is narrow only one thing is seen at a time: what comes takes the focus and is brought into view. */
import { useEffect, useRef } from 'preact/hooks'
import type { RefObject } from 'preact'

export const isNarrow = (): boolean => matchMedia('(max-width: 760px)').matches

/** The part that shows what is chosen; `where` is what then stands at the top of the screen, by itself that part. */
export function useReached(chosen: unknown, where?: string): RefObject<HTMLElement | null> {
  const part = useRef<HTMLElement>(null)
  useEffect(() => {
    if (chosen === null || part.current === null || !isNarrow()) return
    part.current.focus({ preventScroll: true })
    const top = where === undefined ? part.current : document.querySelector(where)
    top?.scrollIntoView()
  }, [chosen])
  return part
}
