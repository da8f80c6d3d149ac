/** One hole: why it is there, who was asked and what they said, who could take it. */
import { useState } from 'preact/hooks'
import { get, post, problemOf } from '../../api.ts'
import { dateTime, hourMinute } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Empty, Facts, Failed, Notice, Tag, type Tone } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { causeText, common, placeText } from '../../words.ts'
import { now } from '../desk.ts'
import { href } from '../router.ts'
import { Call } from './call.tsx'
import { Candidates } from './candidates.tsx'
import type { HoleDetail, OfferItem } from './items.ts'
import { Repairs } from './repairs.tsx'
import { holeTone, leftText, timesText } from './page.tsx'
import { useSoonAfter } from './soon.ts'
import { endReason, h, holeState, offerState } from './texts.ts'

const ABOUT_ONE = /^(hole|offer|call)_/

export function Detail({ id, onChanged }: { id: number; onChanged(): void }) {
  const { value, refused, again } = useLoad((signal) => get<HoleDetail>(`/holes/${id}`, undefined, signal), [id])
  const [closing, setClosing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useSoonAfter(ABOUT_ONE, again)
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const act = async (step: string, body?: unknown): Promise<void> => {
    setProblem(null)
    try {
      await post(`/holes/${id}/${step}`, body)
    } catch (error) {
      setProblem(problemOf(error))
    }
    again()
    onChanged()
  }
  const fillable = value.state === 'open' && value.end > now.value
  return (
    <>
      <h1>{placeText(value)} <Tag tone={holeTone(value.state)}>{holeState(value.state)}</Tag>
        <span class="grow" />
        {fillable && <button type="button" onClick={() => setClosing(true)}>{h('close')}…</button>}
      </h1>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <What hole={value} />
      {fillable && <Call hole={value} onCall={(body) => act('call', body)} onStop={() => act('stop')} />}
      <Offers offers={value.offers} />
      {fillable && <Repairs hole={value} onDone={() => { again(); onChanged() }} />}
      {fillable && <Candidates hole={value} />}
      {closing && (
        <Ask title={h('close')} confirm={h('close')} danger reason={h('why')} reasonNeeded
          onClose={() => setClosing(false)} onConfirm={(reason) => act('close', { reason })}>
          <p>{h('close_line')}</p>
        </Ask>
      )}
    </>
  )
}

function What({ hole }: { hole: HoleDetail }) {
  const rows: (readonly [string, preact.ComponentChildren])[] = [
    [h('when'), timesText(hole)],
    [h('cause'), causeText(hole.cause, hole.reason)],
    [h('people'), <b>{h('of', { filled: hole.filled, people: hole.people })}</b>],
    [h('opened'), dateTime(hole.opened_at)],
  ]
  if (hole.absent !== null) rows.splice(1, 0, [h('absent'), <a href={href('people', hole.absent)}>{hole.absent_name}</a>])
  if (hole.certified > 0) rows.push([h('certified'), hole.certified])
  if (hole.end_reason) rows.push([common('reason'), endReason(hole.end_reason)])
  return <section class="box"><div class="pad"><Facts rows={rows} /></div></section>
}

const TONES: Record<string, Tone> = { asked: 'warn', accepted: 'good', declined: 'bad', refused: 'bad' }

function Offers({ offers }: { offers: readonly OfferItem[] }) {
  return (
    <section class="box">
      <header><h2>{h('offers')}</h2><span class="muted">{offers.length}</span></header>
      {offers.length === 0 ? <Empty>{h('no_offers')}</Empty> : (
        <div class="scroll">
          <table>
            <thead><tr><th>{h('person')}</th><th>{h('asked_at')}</th><th>{h('answer')}</th></tr></thead>
            <tbody>
              {[...offers].reverse().map((one) => (
                <tr key={one.id}>
                  <td><a href={href('people', one.person)}>{one.name}</a> {one.standby && <Tag tone="info">{h('standby')}</Tag>}</td>
                  <td>{dateTime(one.asked_at)}</td>
                  <td><Tag tone={TONES[one.state] ?? 'plain'}>{offerState(one.state)}</Tag>{' '}
                    {one.state === 'asked' ? <span class="muted" role="timer">{leftText(one.expires_at)}</span>
                      : one.answered_at !== null && <span class="muted">{hourMinute(one.answered_at)}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
