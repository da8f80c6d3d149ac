/** What to put into the app that was just bound; it is shown this once. */
import { useState } from 'preact/hooks'
import { Notice } from '../ui/parts.tsx'
import type { BoundItem } from './items.ts'
import { t } from './texts.ts'

export function SetUp({ bound, onClose }: { bound: BoundItem; onClose(): void }) {
  const { name, token, traccar, owntracks } = bound
  return (
    <div class="set-up" role="group" aria-label={name}>
      <Notice tone="good"><p><b>{name}</b> · {t('once')}</p></Notice>
      {traccar !== null && (
        <>
          <Square svg={traccar.svg} name={t('traccar_qr')} />
          <p class="muted">{t('traccar_steps')}</p>
          <Copied what={t('device_id')} text={token} />
          <Copied what={t('server_url')} text={traccar.url} />
        </>
      )}
      {owntracks !== null && (
        <>
          <Square svg={owntracks.svg} name={t('owntracks_qr')} />
          <a class="button" href={owntracks.link}>{t('open_owntracks')}</a>
          <p class="muted">{t('owntracks_steps')}</p>
          <Copied what={t('configuration')} text={owntracks.configuration} />
        </>
      )}
      <button type="button" class="primary" onClick={onClose}>{t('done')}</button>
    </div>
  )
}

const Square = ({ svg, name }: { svg: string; name: string }) =>
  <img class="square" src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={name} width={240} height={240} />

function Copied({ what, text }: { what: string; text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <div class="copied">
      <span class="muted">{what}</span>
      <div class="row">
        <textarea class="mono grow" readOnly aria-label={what} rows={text.includes('\n') ? 6 : 2} value={text} onFocus={(event) => event.currentTarget.select()} />
        {'clipboard' in navigator && (
          <button type="button" aria-label={t('copy_what', { what })} onClick={() => void copy().catch(() => setCopied(false))}>{t(copied ? 'copied' : 'copy')}</button>
        )}
      </div>
      <span class="unseen" role="status">{copied ? t('copied') : ''}</span>
    </div>
  )
}
