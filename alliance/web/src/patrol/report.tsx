/** An assist report: kind, what, who, photos; kept on the phone at once, sent when it can be. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { language } from '../i18n.ts'
import type { Kind } from '../wire.ts'
import { kindName } from '../words.ts'
import { Notice } from '../ui/parts.tsx'
import { duty, report, reportPlace, say, sayProblem } from './patrol.ts'
import { shrink } from './pictures.ts'
import { t } from './texts.ts'

const KINDS: readonly Kind[] = ['incident', 'dispute', 'hazard', 'publicity', 'arrest', 'lead', 'lost_person', 'medical', 'fire']
const MOST_PHOTOS = 6

export function Report() {
  const [kind, setKind] = useState<Kind | null>(null)
  const [text, setText] = useState('')
  const [who, setWho] = useState<readonly number[]>([])
  const [pictures, setPictures] = useState<readonly Blob[]>([])
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const people = duty.value?.people ?? []
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (kind === null) return setProblem(t('choose_kind'))
    setBusy(true)
    setProblem(null)
    try {
      const place = await reportPlace()
      if (place === null) return setProblem(t('place_none'))
      await report({ kind, text: text.trim(), participants: [...who], pictures: [...pictures] }, place)
      setKind(null)
      setText('')
      setWho([])
      setPictures([])
      say(t('reported'))
    } catch (error) {
      sayProblem(error)
    } finally {
      setBusy(false)
    }
  }
  const toggle = (person: number): void => setWho(who.includes(person) ? who.filter((one) => one !== person) : [...who, person])
  return (
    <form class="report" onSubmit={submit}>
      <fieldset>
        <legend>{t('kind')}</legend>
        <div class="kinds" role="radiogroup" aria-label={t('kind')}>
          {KINDS.map((one) => (
            <button type="button" role="radio" key={one} aria-checked={kind === one} data-kind={one} onClick={() => setKind(one)}>
              {kindName(one)}
            </button>
          ))}
        </div>
      </fieldset>
      <label class="field">
        <span>{t('what')}</span>
        <textarea name="text" value={text} maxLength={4000} required rows={4} placeholder={t('what_hint')} lang={language.value}
          onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {people.length > 0 && (
        <fieldset>
          <legend>{t('who')}</legend>
          {people.map(({ person, name }) => (
            <label class="check" key={person}>
              <input type="checkbox" checked={who.includes(person)} onChange={() => toggle(person)} />{name}
            </label>
          ))}
        </fieldset>
      )}
      <Pictures pictures={pictures} onChange={setPictures} />
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <button type="submit" class="primary big" disabled={busy}>{busy ? t('locating') : t('send_report')}</button>
    </form>
  )
}

function Pictures({ pictures, onChange }: { pictures: readonly Blob[]; onChange(pictures: readonly Blob[]): void }) {
  const input = useRef<HTMLInputElement>(null)
  const take = async (files: FileList | null): Promise<void> => {
    const chosen = [...(files ?? [])].slice(0, MOST_PHOTOS - pictures.length)
    onChange([...pictures, ...(await Promise.all(chosen.map(shrink)))])
    if (input.current) input.current.value = ''
  }
  return (
    <fieldset>
      <legend>{t('photos')} {pictures.length}/{MOST_PHOTOS}</legend>
      <div class="pictures">
        {pictures.map((picture, n) => (
          <Picture key={n} blob={picture} label={t('remove_photo', { n: n + 1 })} onRemove={() => onChange(pictures.filter((one) => one !== picture))} />
        ))}
        {pictures.length < MOST_PHOTOS && (
          <label class="add-picture">
            <span aria-hidden="true">＋</span><span class="unseen">{t('add_photo')}</span>
            <input ref={input} type="file" accept="image/*" multiple onChange={(event) => void take(event.currentTarget.files)} />
          </label>
        )}
      </div>
    </fieldset>
  )
}

function Picture({ blob, label, onRemove }: { blob: Blob; label: string; onRemove(): void }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return <button type="button" class="picture" aria-label={label} onClick={onRemove}>{url && <img src={url} alt="" />}<span aria-hidden="true">×</span></button>
}
