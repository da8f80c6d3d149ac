/** Who should be here now: arrived, not arrived, expected; live from the feed's events. */
import { useEffect, useState } from 'preact/hooks'
import { get } from '../api.ts'
import { hourMinute, named, number } from '../i18n.ts'
import { useEvery, useLoad } from '../ui/load.ts'
import { Choice, Empty, Failed, Tag } from '../ui/parts.tsx'
import { common, dutyState } from '../words.ts'
import { ground, onEvent } from './desk.ts'
import type { DutyItem } from './items.ts'
import { AbsentButton } from './holes/absent.tsx'
import { organisationName } from './organisations.ts'
import { href } from './router.ts'
import { t } from './texts.ts'

type Shown = 'all' | DutyItem['state']
const REFRESH_MS = 30_000
const SHOWN_AT_ONCE = 300

export default function DutyPage() {
  const { value, refused, again } = useLoad((signal) => get<{ items: DutyItem[] }>('/duty/now', undefined, signal), [])
  useEvery(REFRESH_MS, again)
  useSoonAfterStamps(again)
  const [shown, setShown] = useState<Shown>('all')
  const [beat, setBeat] = useState('')
  const [text, setText] = useState('')
  const [most, setMost] = useState(SHOWN_AT_ONCE)
  const items = value?.items ?? []
  const count = (state: DutyItem['state']): number => items.filter((item) => item.state === state).length
  const rows = items.filter((item) =>
    (shown === 'all' || item.state === shown) && (beat === '' || item.beat === beat) && (text === '' || item.name.includes(text.trim())))
  const areas = ground.value?.areas
  return (
    <div class="sheet">
      <h1>{t('duty_title')}</h1>
      <dl class="tiles">
        <div class="tile"><dt>{t('arrived')}</dt><dd class="good">{number(count('present'))}</dd></div>
        <div class="tile"><dt>{t('not_arrived')}</dt><dd class="bad">{number(count('late'))}</dd></div>
        <div class="tile"><dt>{t('expected')}</dt><dd>{number(count('expected'))}</dd></div>
        <div class="tile"><dt>{t('gone')}</dt><dd>{number(count('left'))}</dd></div>
      </dl>
      <section class="box">
        <header>
          <Choice<Shown> label={t('state')} value={shown} onChange={setShown}
            options={[['all', t('all_states')], ['present', t('arrived')], ['late', t('not_arrived')], ['expected', t('expected')], ['left', t('gone')]]} />
          <span class="grow" />
          <input class="narrow" type="search" aria-label={t('name')} placeholder={t('name')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <select class="narrow" aria-label={t('beat')} value={beat} onChange={(event) => setBeat(event.currentTarget.value)}>
            <option value="">{t('any_beat')}</option>
            {ground.value?.beats.map((area) => <option key={area.code} value={area.code}>{named(area)}</option>)}
          </select>
        </header>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value !== null && rows.length === 0 && <Empty>{t('no_duty')}</Empty>}
        {rows.length > 0 && (
          <div class="scroll tall">
            <table>
              <thead><tr><th>{t('person')}</th><th class="person-organisation">{t('organisation')}</th><th>{t('beat')}</th><th>{t('time')}</th><th>{t('state')}</th></tr></thead>
              <tbody>
                {rows.slice(0, most).map((item) => {
                  const area = areas?.get(item.beat)
                  return (
                    <tr key={item.assignment}>
                      <td><a href={href('people', item.person)}>{item.name}</a></td>
                      <td class="person-organisation muted">{organisationName(item.organisation)}</td>
                      <td>{area ? named(area) : item.beat}</td>
                      <td>{hourMinute(item.start)}–{hourMinute(item.end)}</td>
                      <td>
                        <Tag tone={item.state === 'present' ? 'good' : item.state === 'late' ? 'bad' : 'plain'}>{dutyState(item.state)}</Tag>
                        {item.since !== null && <span class="muted"> {t('since', { time: hourMinute(item.since) })}</span>}
                        {(item.state === 'late' || item.state === 'expected') && <AbsentButton item={item} onDone={again} />}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
            {rows.length > most && <p class="empty"><button type="button" onClick={() => setMost(most + SHOWN_AT_ONCE)}>{t('show_more')}</button></p>}
          </div>
        )}
      </section>
    </div>
  )
}

/** Check-ins come in storms at shift change: one reading for all that came in two seconds. */
function useSoonAfterStamps(again: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const undo = onEvent(({ kind }) => {
      if ((kind !== 'checked_in' && kind !== 'checked_out') || timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        again()
      }, 2000)
    })
    return () => {
      undo()
      clearTimeout(timer)
    }
  }, [again])
}
