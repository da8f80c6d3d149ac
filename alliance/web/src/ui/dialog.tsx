/** Questions before something that matters: a modal with a text or a reason. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { problemOf } from '../api.ts'
import { common } from '../words.ts'
import { Notice } from './parts.tsx'

export interface Asking {
  title: string
  children?: ComponentChildren
  confirm: string
  danger?: boolean
  /** Label of the reason asked for; none means no field. */
  reason?: string
  reasonNeeded?: boolean
  onConfirm(reason: string): Promise<void>
  onClose(): void
}

export function Ask(asking: Asking) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      await asking.onConfirm(reason.trim())
      asking.onClose()
    } catch (error) {
      setRefused(problemOf(error))
      setBusy(false)
    }
  }
  const lacking = asking.reasonNeeded === true && reason.trim() === ''
  return (
    <dialog ref={dialog} onClose={asking.onClose} aria-labelledby="ask-title">
      <form method="dialog" onSubmit={confirm}>
        <h2 id="ask-title">{asking.title}</h2>
        {asking.children}
        {asking.reason !== undefined && (
          <label class="field">
            <span>{asking.reason}</span>
            <textarea value={reason} maxLength={1000} required={asking.reasonNeeded ?? false}
              onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        )}
        {refused !== null && <Notice tone="bad">{refused}</Notice>}
        <footer>
          <button type="button" onClick={() => dialog.current?.close()}>{common('cancel')}</button>
          <button type="submit" class={asking.danger ? 'danger' : 'primary'} disabled={busy || lacking}>{asking.confirm}</button>
        </footer>
      </form>
    </dialog>
  )
}
