/** The own credits, each with its reason, and the way to contest one. */
import { useState } from 'preact/hooks'
import { get, newKey, post } from '../api.ts'
import { points } from '../i18n.ts'
import { Ask } from '../ui/dialog.tsx'
import { useEvery, useLoad } from '../ui/load.ts'
import { Empty, Failed, Tag } from '../ui/parts.tsx'
import { common } from '../words.ts'
import { creditKind, t } from './texts.ts'

interface Entry {
  n: number
  kind: string
  amount: number
  at: number
  duty_day: string
  reason: string | null
  contested: boolean
  reverses: number | null
  reversed_by: number | null
}

interface Own {
  total: number
  items: Entry[]
  next: string | null
}

export function Credits() {
  const [pages, setPages] = useState(1)
  const [contesting, setContesting] = useState<Entry | null>(null)
  const loaded = useLoad((signal) => read(pages, signal), [pages])
  useEvery(30_000, loaded.again)
  const own = loaded.value
  if (own === null) {
    return loaded.refused !== null ? <Failed text={loaded.refused} retry={loaded.again} /> : <Empty>{common('loading')}</Empty>
  }
  return (
    <>
      <section class="total"><h2>{t('total')}</h2><p>{points(own.total)}</p></section>
      {own.items.length === 0 && <Empty>{t('no_credits')}</Empty>}
      <ul class="credits">
        {own.items.map((entry) => (
          <li key={entry.n} class={entry.reversed_by !== null ? 'gone' : ''}>
            <span class="grow">
              <b>{creditKind(entry.kind)}</b> <small class="faint">{entry.duty_day} · #{entry.n}</small>
              <small class="muted">{entry.reason}</small>
            </span>
            <span class={entry.amount < 0 ? 'amount bad' : 'amount'}>{entry.amount > 0 ? '+' : ''}{points(entry.amount)}</span>
            {entry.contested ? <Tag tone="warn">{t('contested')}</Tag>
              : entry.reversed_by !== null ? <Tag>{t('reversed')}</Tag>
              : <button type="button" class="plain" aria-label={`${t('contest')} #${entry.n}`} onClick={() => setContesting(entry)}>{t('contest')}</button>}
          </li>
        ))}
      </ul>
      {own.next !== null && <button type="button" onClick={() => setPages(pages + 1)}>{common('more')}</button>}
      {contesting && (
        <Ask title={`${t('contest')} #${contesting.n}`} confirm={t('contest')} reason={t('contest_why')} reasonNeeded
          onClose={() => setContesting(null)}
          onConfirm={async (text) => {
            await post(`/ledger/${contesting.n}/contest`, { text }, { key: newKey() })
            loaded.again()
          }} />
      )}
    </>
  )
}

async function read(pages: number, signal: AbortSignal): Promise<Own> {
  let own = await get<Own>('/me/credits', { limit: 50 }, signal)
  for (let page = 1; page < pages && own.next !== null; page += 1) {
    const more = await get<Own>('/me/credits', { limit: 50, cursor: own.next }, signal)
    own = { total: more.total, items: [...own.items, ...more.items], next: more.next }
  }
  return own
}
