/** Reading from the service inside a component: what came, what went wrong, and how to read again. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { problemOf } from '../api.ts'

export interface Loaded<T> {
  value: T | null
  refused: string | null
  busy: boolean
  again(): void
}

/** Reads when `watched` changes; what was read stays until the next answer; the last question wins. */
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>, watched: readonly unknown[]): Loaded<T> {
  const [held, setHeld] = useState<{ value: T | null; refused: string | null; busy: boolean }>({
    value: null, refused: null, busy: true,
  })
  const running = useRef<AbortController | null>(null)
  const again = useCallback(() => {
    running.current?.abort()
    const mine = new AbortController()
    running.current = mine
    setHeld((before) => ({ ...before, busy: true }))
    read(mine.signal).then(
      (value) => {
        if (!mine.signal.aborted) setHeld({ value, refused: null, busy: false })
      },
      (error: unknown) => {
        if (mine.signal.aborted) return
        const refused = problemOf(error)
        setHeld((before) => ({ ...before, refused, busy: false }))
      },
    )
  }, watched)
  useEffect(() => {
    again()
    return () => running.current?.abort()
  }, [again])
  return { ...held, again }
}

/** Calls while the page is seen. */
export function useEvery(milliseconds: number, call: () => void): void {
  const latest = useRef(call)
  latest.current = call
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current()
    }, milliseconds)
    return () => clearInterval(timer)
  }, [milliseconds])
}
