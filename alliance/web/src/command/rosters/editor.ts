/** The change under way: scored with each step, applied, undone; shared by the board and its bar. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Problem, newKey, post, problemOf } from '../../api.ts'
import type { RosterItem } from '../items.ts'
import type { DoneItem, EditBody, EditedItem } from './items.ts'
import { NO_CHANGE, isEmpty, withoutGone } from './pending.ts'

export interface Editor {
  on: boolean
  change: EditBody
  /** What the change would do; null while nothing is asked or it is being scored. */
  scored: EditedItem | null
  refused: string | null
  /** What others did meanwhile. */
  late: DoneItem[] | null
  busy: boolean
  took: number | null
  done: EditedItem | null
  canUndo: boolean
  start(): void
  stop(): void
  set(next: (change: EditBody) => EditBody): void
  drop(): void
  apply(reason: string): Promise<void>
  undo(reason: string): Promise<void>
}

export function useEditor(roster: RosterItem, onChanged: () => void): Editor {
  const [on, setOn] = useState(false)
  const [change, setChange] = useState<EditBody>(NO_CHANGE)
  const [late, setLate] = useState<DoneItem[] | null>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<EditedItem | null>(null)
  const [steps, setSteps] = useState<EditBody[]>([])
  const { scored, refused, took, setRefused } = useScore(roster, on ? change : NO_CHANGE)
  const send = async (body: EditBody, reason: string): Promise<EditedItem> => {
    setBusy(true)
    try {
      return await post<EditedItem>(`/rosters/${roster.id}/edits`, { ...body, reason }, { version: roster.version, key: newKey() })
    } catch (error) {
      if (error instanceof Problem && error.code === 'stale_version') {
        const others = (error.extra['changed'] as DoneItem[] | undefined) ?? []
        const gone = new Set(others.flatMap(({ change: made }) => made.removed.map(({ id }) => id)))
        setLate(others)
        setChange((mine) => withoutGone(mine, gone))
        onChanged()
      }
      throw error
    } finally {
      setBusy(false)
    }
  }
  const settle = (made: EditedItem, left: EditBody[]): void => {
    setSteps(left)
    setDone(made)
    setLate(null)
    setChange(NO_CHANGE)
    onChanged()
  }
  return {
    on, change, scored, refused, late, busy, took, done, canUndo: steps.length > 0,
    start: () => setOn(true),
    stop: () => {
      setOn(false)
      setChange(NO_CHANGE)
      setDone(null)
    },
    set: (next) => {
      setDone(null)
      setChange(next)
    },
    drop: () => {
      setRefused(null)
      setChange(NO_CHANGE)
    },
    apply: async (reason) => {
      const made = await send(change, reason)
      settle(made, [...steps, made.undo])
    },
    undo: async (reason) => {
      const last = steps.at(-1)
      if (last !== undefined) settle(await send(last, reason), steps.slice(0, -1))
    },
  }
}

/** The newest question wins; it is asked again when the roster has become another. */
function useScore(roster: RosterItem, change: EditBody) {
  const [held, setHeld] = useState<{ scored: EditedItem | null; refused: string | null; took: number | null }>(NOTHING)
  const running = useRef<AbortController | null>(null)
  const setRefused = useCallback((refused: string | null) => setHeld((before) => ({ ...before, refused })), [])
  useEffect(() => {
    running.current?.abort()
    setHeld(NOTHING)
    if (isEmpty(change)) return
    const mine = new AbortController()
    running.current = mine
    const began = performance.now()
    post<EditedItem>(`/rosters/${roster.id}/edits`, { ...change, dry: true }, { signal: mine.signal }).then(
      (scored) => {
        if (!mine.signal.aborted) setHeld({ scored, refused: null, took: performance.now() - began })
      },
      (error: unknown) => {
        if (!mine.signal.aborted) setHeld({ scored: null, refused: problemOf(error), took: null })
      },
    )
    return () => mine.abort()
  }, [roster.id, roster.version, change])
  return { ...held, setRefused }
}

const NOTHING = { scored: null, refused: null, took: null }
