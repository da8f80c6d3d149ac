/** Reading from the service inside a component: what came, what went wrong, and how to read again. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { refusalOf, type Refusal } from '../api.ts'

export interface Loaded<T> {
  value: T | null
  refused: Refusal | null
  busy: boolean
  /** Resolves when the newest answer is there. */
  again(): Promise<void>
}

/** Reads when `watched` changes; what was read stays until the next answer; the last question wins. */
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>, watched: readonly unknown[]): Loaded<T> {
  const [held, setHeld] = useState<{ value: T | null; refused: Refusal | null; busy: boolean }>({
    value: null, refused: null, busy: true,
  })
  const running = useRef<AbortController | null>(null)
  const newest = useRef(Promise.resolve())
  const again = useCallback((): Promise<void> => {
    running.current?.abort()
    const mine = new AbortController()
    running.current = mine
    setHeld((before) => ({ ...before, busy: true }))
    const answered = read(mine.signal).then(
      (value) => {
        if (!mine.signal.aborted) setHeld({ value, refused: null, busy: false })
      },
      (error: unknown) => {
        if (mine.signal.aborted) return
        const refused = refusalOf(error)
        setHeld((before) => ({ ...before, refused, busy: false }))
      },
    )
    const done: Promise<void> = answered.then(() => (newest.current === done ? undefined : newest.current))
    newest.current = done
    return done
  }, watched)
  useEffect(() => {
    void again()
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
