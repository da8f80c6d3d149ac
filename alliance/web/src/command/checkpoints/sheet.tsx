/** The codes on paper: A4, eight a page, with the name and the code to be read. */
import { useState } from 'preact/hooks'
import { get } from '../../api.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Field, Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { href } from '../router.ts'
import type { PrintedItem } from './items.ts'
import { beatName } from './list.tsx'
import { t } from './texts.ts'

const ADDRESS = /^https?:\/\/[A-Za-z0-9.:[\]-]{1,200}$/
const LOCAL = /^(localhost|127\.|\[::1\]|0\.)/
const REMEMBERED = 'alliance.address'

export function Sheet({ ids }: { ids: readonly number[] }) {
  const [address, setAddress] = useState(localStorage.getItem(REMEMBERED) ?? location.origin)
  const whole = address.replace(/\/+$/, '')
  const good = ADDRESS.test(whole)
  const host = whole.replace(/^https?:\/\//, '')
  const { value, refused, again } = useLoad(
    async (signal) => (good && ids.length > 0 ? (await get<{ items: PrintedItem[] }>('/checkpoints/sheet', { id: ids.map(String), address: whole }, signal)).items : []),
    [good ? whole : '', ids.join()],
  )
  const print = (): void => {
    localStorage.setItem(REMEMBERED, whole)
    window.print()
  }
  return (
    <div class="print">
      <form class="print-tools" onSubmit={(event) => { event.preventDefault(); print() }}>
        <h1>{t('sheet')}</h1>
        <Field label={t('address')}><input type="url" required value={address} onInput={(event) => setAddress(event.currentTarget.value)} /></Field>
        {!good ? <Notice tone="bad">{t('address_bad')}</Notice>
          : LOCAL.test(host) ? <Notice tone="bad">{t('address_local', { host })}</Notice>
          : <p class="muted">{t('address_line')}</p>}
        <div class="row">
          <button type="submit" class="primary" disabled={!good || value === null || value.length === 0}>{t('print_now')}</button>
          <a class="button" href={href('checkpoints')}>{t('back')}</a>
        </div>
      </form>
      {refused !== null && <Failed text={refused} retry={again} />}
      {ids.length === 0 && <Empty>{t('choose')}</Empty>}
      {value === null && refused === null && <p class="empty" role="status">{common('loading')}</p>}
      <ul class="codes">{value?.map((item) => <Code key={item.id} item={item} />)}</ul>
    </div>
  )
}

function Code({ item: { code, name, beat, svg } }: { item: PrintedItem }) {
  return (
    <li>
      <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={t('qr_of', { name })} width={176} height={176} />
      <div>
        <b>{name}</b>
        <span class="mono">{code}</span>
        <span>{beatName(beat)}</span>
        <small>{common('alliance')} · {t('on_sheet')}</small>
      </div>
    </li>
  )
}
