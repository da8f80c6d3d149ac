/** Reading again soon after something happened. */
import { useEffect } from 'preact/hooks'
import { onEvent } from '../desk.ts'

const SOON_MS = 500

/** One reading for all that happened within half a second. */
export function useSoonAfter(about: RegExp, again: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const undo = onEvent(({ kind }) => {
      if (!about.test(kind) || timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        again()
      }, SOON_MS)
    })
    return () => {
      undo()
      clearTimeout(timer)
    }
  }, [again])
}
