/** From weights to units: what each further patrol unit on a beat is worth in a shift, beside what is asked for. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { addDays, isoDay, named, percent } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground, now } from '../desk.ts'
import { href } from '../router.ts'
import { t } from '../texts.ts'
import { beatName } from './board.tsx'
import type { UnitsItem } from './items.ts'
import { r } from './texts.ts'

export function Demand() {
  const patterns = ground.value?.district.patterns ?? []
  const [day, setDay] = useState(addDays(isoDay(now.peek()), 1))
  const [picked, setPicked] = useState<string | null>(null)
  const pattern = picked ?? patterns[0]?.code ?? ''
  const { value, refused, again } = useLoad(
    async (signal) => (pattern === '' ? null : get<Page<UnitsItem>>('/demand/units', { day, pattern }, signal)), [day, pattern],
  )
  return (
    <>
      <h1>{r('demand')}<span class="grow" /><a class="button" href={href('map')}>{r('show_on_map')}</a></h1>
      <p class="muted">{r('demand_line')}</p>
      <section class="box">
        <header>
          <input type="date" class="narrow" aria-label={t('day')} required value={day} onInput={(event) => setDay(event.currentTarget.value || day)} />
          <select class="narrow" aria-label={t('shift')} value={pattern} onChange={(event) => setPicked(event.currentTarget.value)}>
            {patterns.map((one) => <option key={one.code} value={one.code}>{named(one)}</option>)}
          </select>
        </header>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value?.items.length === 0 && <Empty>{common('none')}</Empty>}
        {value !== null && value.items.length > 0 && <Table items={value.items} />}
      </section>
    </>
  )
}

function Table({ items }: { items: readonly UnitsItem[] }) {
  const ordered = [...items].sort((a, b) => b.share - a.share)
  return (
    <div class="scroll">
      <table>
        <thead><tr><th>{t('beat')}</th><th class="num">{r('share')}</th><th class="num">{r('first_worth')}</th><th class="num">{r('units_for')}</th>
          <th class="num">{r('set_people')}</th><th class="num">{r('set_units')}</th><th class="num">{r('next_worth')}</th></tr></thead>
        <tbody>{ordered.map((one) => <Row key={one.beat} one={one} />)}</tbody>
      </table>
    </div>
  )
}

function Row({ one }: { one: UnitsItem }) {
  const set = Math.floor(one.desired / one.unit)
  const few = one.desired > 0 && set < one.units[1]
  return (
    <tr>
      <td>{beatName(one.beat)}</td>
      <td class="num">{percent(one.share, 1)}</td>
      <td class="num">{(one.worth[0] ?? 0).toFixed(2)}</td>
      <td class="num">{one.units.join(' / ')}</td>
      <td class="num">{one.minimum} / {one.desired}</td>
      <td class="num">{few && <Tag tone="warn">{r('too_few')}</Tag>} {set}</td>
      <td class="num">{(one.worth[set] ?? 0).toFixed(2)}</td>
    </tr>
  )
}
