/** The reserve of a day: who is on call at home, by shift and town, asked first when a duty falls out. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { hourMinute, isoDay, named } from '../../i18n.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { now } from '../desk.ts'
import { organisationName } from '../organisations.ts'
import { href } from '../router.ts'
import { useSoonAfter } from './soon.ts'
import { h } from './texts.ts'

interface OnCallItem {
  id: number
  person: number
  name: string
  organisation: number
  town_name: string
  town_name_en: string
  start: number
  end: number
  assignment: number | null
}

const ABOUT_STANDBY = /^(standby|assignment)_/
const SHOWN = 300

export function Standby() {
  const [day, setDay] = useState(isoDay(now.peek()))
  const { value, refused, again } = useLoad((signal) => get<Page<OnCallItem>>('/standby', { day }, signal), [day])
  useSoonAfter(ABOUT_STANDBY, again)
  const items = value?.items ?? []
  return (
    <section class="box">
      <header><h2>{h('standby_title')}</h2><span class="muted">{items.length}</span><span class="grow" />
        <input class="narrow" type="date" aria-label={h('day')} value={day} onInput={(event) => setDay(event.currentTarget.value || day)} /></header>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && items.length === 0 && <Empty>{h('no_standby')}</Empty>}
      {items.length > 0 && (
        <div class="scroll tall">
          <table>
            <thead><tr><th>{h('when')}</th><th>{h('town')}</th><th>{h('person')}</th><th>{h('state')}</th></tr></thead>
            <tbody>
              {items.slice(0, SHOWN).map((one) => (
                <tr key={one.id}>
                  <td>{hourMinute(one.start)}–{hourMinute(one.end)}</td><td>{named({ name: one.town_name, name_en: one.town_name_en })}</td>
                  <td><a href={href('people', one.person)}>{one.name}</a> <span class="muted">{organisationName(one.organisation)}</span></td>
                  <td>{one.assignment === null ? <Tag tone="info">{h('standby')}</Tag> : <Tag tone="good">{h('called_in')}</Tag>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
