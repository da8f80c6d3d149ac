/** The positioning apps bound to a person: when each was last used; bound, and revoked. */
import { useState } from 'preact/hooks'
import { Problem, call, get, post, problemOf } from '../api.ts'
import { dateTime } from '../i18n.ts'
import { Ask } from '../ui/dialog.tsx'
import { useEvery, useLoad } from '../ui/load.ts'
import { Choice, Failed, Field, Notice } from '../ui/parts.tsx'
import { common } from '../words.ts'
import { APPS, type App, type BoundItem, type PhoneItem } from './items.ts'
import './phones.css'
import { SetUp } from './setup.tsx'
import { t } from './texts.ts'

const REFRESH_MS = 30_000

/** Nothing where the person's apps are not this reader's to see. */
export function Phones({ person, kind }: { person: number; kind: 'card' | 'box' }) {
  const [revoking, setRevoking] = useState<PhoneItem | null>(null)
  const [binding, setBinding] = useState(false)
  const [bound, setBound] = useState<BoundItem | null>(null)
  const { value, refused, again } = useLoad((signal) => read(person, signal), [person])
  useEvery(REFRESH_MS, again)
  if (value === undefined) return null
  const ended = (): void => {
    setBound(null)
    again()
  }
  return (
    <section class={kind} aria-labelledby="phones">
      <h2 id="phones">{t('title')}</h2>
      <div class="pad phones">
        <p class="muted">{t('line')}</p>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value?.length === 0 && bound === null && <p class="faint">{t('none')}</p>}
        <ul class="rows">{value?.map((one) => <Row key={one.id} item={one} onRevoke={() => setRevoking(one)} />)}</ul>
        {bound !== null ? <SetUp bound={bound} onClose={ended} />
          : binding ? <Bind person={person} onClose={() => setBinding(false)} onBound={(made) => { setBinding(false); setBound(made); again() }} />
          : <button type="button" onClick={() => setBinding(true)}>{t('add')}…</button>}
      </div>
      {revoking !== null && (
        <Ask title={`${t('revoke')} · ${revoking.name}`} confirm={t('revoke')} danger onClose={() => setRevoking(null)} onConfirm={async () => {
          await call('DELETE', `/people/${person}/phones/${revoking.id}`)
          if (bound?.id === revoking.id) setBound(null)
          again()
        }}>
          <p>{t('revoke_line')}</p>
        </Ask>
      )}
    </section>
  )
}

async function read(person: number, signal: AbortSignal): Promise<PhoneItem[] | undefined> {
  try {
    return (await get<{ items: PhoneItem[] }>(`/people/${person}/phones`, {}, signal)).items
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined
    throw error
  }
}

function Row({ item, onRevoke }: { item: PhoneItem; onRevoke(): void }) {
  return (
    <li>
      <span class="grow"><b>{item.name}</b><br />
        <small class="muted">{item.used_at === null ? t('unused') : t('used', { time: dateTime(item.used_at) })} · {t('made', { time: dateTime(item.made_at) })}</small></span>
      <button type="button" onClick={onRevoke}>{t('revoke')}…</button>
    </li>
  )
}

const LOCAL = /^(localhost|127\.|\[::1\])/

function Bind({ person, onBound, onClose }: { person: number; onBound(made: BoundItem): void; onClose(): void }) {
  const [app, setApp] = useState<App>('Traccar Client')
  const [name, setName] = useState<string>('Traccar Client')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const choose = (one: App): void => {
    if (name === app || name === '') setName(one)
    setApp(one)
  }
  const make = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      const made = await post<BoundItem>(`/people/${person}/phones`, { name: name.trim(), address: location.origin })
      onBound({ ...made, traccar: app === 'Traccar Client' ? made.traccar : null, owntracks: app === 'OwnTracks' ? made.owntracks : null })
    } catch (error) {
      setRefused(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <form class="stack" onSubmit={make}>
      <Choice<App> label={t('app')} value={app} onChange={choose} options={APPS.map((one) => [one, one] as const)} />
      <Field label={t('name')}><input required maxLength={80} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
      {LOCAL.test(location.host) ? <Notice tone="bad">{t('address_local', { host: location.host })}</Notice>
        : location.protocol === 'http:' && <Notice tone="bad">{t('address_plain')}</Notice>}
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>{t('make')}</button>
        <button type="button" onClick={onClose}>{common('cancel')}</button>
      </div>
    </form>
  )
}
