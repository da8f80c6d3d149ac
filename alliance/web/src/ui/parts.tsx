/** Small parts: notices, meters, tags, empty and failed states. */
import type { ComponentChildren } from 'preact'
import type { Refusal } from '../api.ts'
import { percent } from '../i18n.ts'
import { common } from '../words.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain'

/** A sentence; what stands on the lines below it is the service's own words, in small print. */
export function Said({ text }: { text: string }) {
  const [sentence, ...rest] = text.split('\n')
  return <>{sentence}{rest.length > 0 && <small class="said" lang="en">{rest.join(' ')}</small>}</>
}

export function Notice({ tone = 'info', children }: { tone?: Tone; children: ComponentChildren }) {
  return <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>{typeof children === 'string' ? <Said text={children} /> : children}</div>
}

export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`tag ${tone}`}>{children}</span>
}

export function Meter({ share, label, tone }: { share: number; label: string; tone?: Tone }) {
  const text = percent(share)
  return (
    <div class={`meter ${tone ?? ''}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)} aria-valuetext={text}>
      <i style={{ width: text }} />
    </div>
  )
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}

export function Failed({ text, retry }: { text: string | Refusal; retry?: () => void }) {
  const told = typeof text === 'string' ? { text, passing: true } : text
  return (
    <div class="empty" role="alert">
      <p><Said text={told.text} /></p>
      {retry && told.passing && <p><button type="button" onClick={retry}>{common('retry')}</button></p>}
    </div>
  )
}

export function Choice<T extends string>({ label, options, value, onChange }: {
  label: string
  options: readonly (readonly [T, string])[]
  value: T
  onChange(value: T): void
}) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <button type="button" key={option} aria-pressed={option === value} onClick={() => onChange(option)}>{text}</button>
      ))}
    </div>
  )
}

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return <label class="field"><span>{label}</span>{children}</label>
}

export function Facts({ rows }: { rows: readonly (readonly [label: string, value: ComponentChildren])[] }) {
  return <dl class="facts">{rows.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
}
