/** The notice about positions, in both languages, and the person's decision. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { post, problemOf } from '../api.ts'
import { me, readMe } from '../session.ts'
import { Notice } from '../ui/parts.tsx'
import { t } from './texts.ts'

export async function consent(given: boolean): Promise<void> {
  await post('/me/consent', { text_version: me.value!.consent_text.version, given })
  await readMe()
}

export function Consent({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [refused, setRefused] = useState<string | null>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const text = me.value!.consent_text
  const agree = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      await consent(true)
      onClose()
    } catch (error) {
      setRefused(problemOf(error))
    }
  }
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="consent-title">
      <form method="dialog" onSubmit={agree}>
        <h2 id="consent-title">{t('consent')}</h2>
        <p class="notice-text" lang="zh-CN">{text.zh}</p>
        <p class="notice-text muted" lang="en">{text.en}</p>
        {refused !== null && <Notice tone="bad">{refused}</Notice>}
        <button type="submit" class="primary big">{t('consent_give')}</button>
        <button type="button" class="big" onClick={() => dialog.current?.close()}>{t('consent_later')}</button>
      </form>
    </dialog>
  )
}
