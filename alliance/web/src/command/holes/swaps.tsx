/** Swaps that two people agreed on and an officer decides, and those under way. */
import { useState } from 'preact/hooks'
import { get, newKey, post, problemOf, type Page } from '../../api.ts'
import { dayText, hourMinute } from '../../i18n.ts'
import { placeText, type Place } from '../../words.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Empty, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { useSoonAfter } from './soon.ts'
import { h, swapState } from './texts.ts'

interface Half extends Place {
  start: number
  end: number
}

interface SwapItem {
  id: number
  state: string
  name: string
  taker_name: string | null
  note: string
  duty: Half
  exchange: Half | null
}

const ABOUT_SWAPS = /^swap_/
const halfText = (half: Half): string => `${dayText(half.start)} ${hourMinute(half.start)}–${hourMinute(half.end)} · ${placeText(half)}`

export function SwapList() {
  const { value, refused, again } = useLoad((signal) => get<Page<SwapItem>>('/swaps', { open: true }, signal), [])
  useSoonAfter(ABOUT_SWAPS, again)
  const waiting = value?.items.filter((one) => one.state === 'agreed') ?? []
  const others = value?.items.filter((one) => one.state !== 'agreed') ?? []
  return (
    <section class="swap-list" aria-label={h('swaps')}>
      <h2>{h('swaps')} {waiting.length > 0 && <Tag tone="warn">{waiting.length}</Tag>}</h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value !== null && waiting.length === 0 && <Empty>{h('no_swaps')}</Empty>}
      {waiting.map((one) => <Waiting key={one.id} swap={one} onDone={again} />)}
      {others.length > 0 && (
        <details>
          <summary>{h('other_swaps')} {others.length}</summary>
          {others.map((one) => <p key={one.id}><Tag>{swapState(one.state)}</Tag> {one.name} · {halfText(one.duty)}</p>)}
        </details>
      )}
    </section>
  )
}

function Waiting({ swap, onDone }: { swap: SwapItem; onDone(): void }) {
  const [problem, setProblem] = useState<string | null>(null)
  const [refusing, setRefusing] = useState(false)
  const approve = async (): Promise<void> => {
    setProblem(null)
    try {
      await post(`/swaps/${swap.id}/approve`, undefined, { key: newKey() })
    } catch (error) {
      setProblem(problemOf(error))
    }
    onDone()
  }
  const refuse = async (reason: string): Promise<void> => {
    await post(`/swaps/${swap.id}/refuse`, { reason })
    onDone()
  }
  return (
    <article class="card" aria-label={`${swap.name} → ${swap.taker_name}`}>
      <b>{h('swap_line', { from: swap.name, to: swap.taker_name ?? h('nobody_yet') })}</b>
      <span>{halfText(swap.duty)}</span>
      {swap.exchange && <span>{h('in_return', { what: halfText(swap.exchange) })}</span>}
      {swap.note && <span class="muted">{swap.note}</span>}
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <span class="row"><button type="button" class="primary" onClick={approve}>{h('approve')}</button>
        <button type="button" onClick={() => setRefusing(true)}>{h('refuse')}…</button></span>
      {refusing && <Ask title={h('refuse_title')} confirm={h('refuse')} danger reason={h('why')} reasonNeeded onClose={() => setRefusing(false)} onConfirm={refuse} />}
    </article>
  )
}
