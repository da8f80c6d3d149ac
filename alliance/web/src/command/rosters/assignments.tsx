/** Who stands where: one beat and one day of a roster. */
import { useState } from 'preact/hooks'
import { all } from '../../api.ts'
import { addDays, hourMinute, named } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground } from '../desk.ts'
import type { AssignmentItem, RosterItem } from '../items.ts'
import { href } from '../router.ts'
import { t } from '../texts.ts'

export function Assignments({ roster }: { roster: RosterItem }) {
  const beats = ground.value?.beats ?? []
  const [beat, setBeat] = useState(beats[0]?.code ?? '')
  const [day, setDay] = useState(roster.first_day)
  const { value, refused, again } = useLoad(
    () => all<AssignmentItem>(`/rosters/${roster.id}/assignments`, { beat, day }), [roster.id, roster.version, beat, day],
  )
  const rows = [...(value ?? [])].sort((a, b) => a.start - b.start || a.post - b.post || a.person - b.person)
  return (
    <section class="box">
      <header>
        <h2>{t('assignments')}</h2><span class="grow" />
        <select class="narrow" aria-label={t('beat')} value={beat} onChange={(event) => setBeat(event.currentTarget.value)}>
          {beats.map((area) => <option key={area.code} value={area.code}>{named(area)}</option>)}
        </select>
        <select class="narrow" aria-label={t('day')} value={day} onChange={(event) => setDay(event.currentTarget.value)}>
          {daysOf(roster).map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      </header>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value?.length === 0 && <Empty>{t('no_assignments')}</Empty>}
      {rows.length > 0 && (
        <div class="scroll">
          <table>
            <thead><tr><th>{t('time')}</th><th>{t('post')}</th><th>{t('person')}</th><th>{t('state')}</th></tr></thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td>{hourMinute(row.start)}–{hourMinute(row.end)}</td><td>{row.post_name}</td>
                  <td><a href={href('people', row.person)}>{row.name}</a></td>
                  <td>{row.pinned && <Tag tone="info">{t('pinned')}</Tag>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function daysOf({ first_day, last_day }: RosterItem): string[] {
  const days: string[] = []
  for (let day = first_day; day <= last_day && days.length < 62; day = addDays(day, 1)) days.push(day)
  return days
}
