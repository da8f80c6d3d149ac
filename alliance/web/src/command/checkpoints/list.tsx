/** The checkpoints, each with its newest scan, to be chosen or printed. */
import { named } from '../../i18n.ts'
import { Tag } from '../../ui/parts.tsx'
import { ground, now } from '../desk.ts'
import { href } from '../router.ts'
import { ago } from '../time.ts'
import { selected, type CheckpointItem } from './items.ts'
import { t } from './texts.ts'

export const beatName = (code: string): string => {
  const found = ground.value?.areas.get(code)
  return found ? named(found) : code
}

export function List({ items, chosen, may }: { items: readonly CheckpointItem[]; chosen: number | null; may: boolean }) {
  const good = items.filter(({ revoked_at }) => revoked_at === null)
  const whole = good.length > 0 && good.every(({ id }) => selected.value.has(id))
  return (
    <>
      {may && (
        <label class="check all"><input type="checkbox" checked={whole}
          onChange={() => (selected.value = new Set(whole ? [] : good.map(({ id }) => id)))} />{t('select_all')}</label>
      )}
      <ul>{items.map((item) => <Row key={item.id} item={item} chosen={item.id === chosen} may={may} />)}</ul>
    </>
  )
}

function Row({ item, chosen, may }: { item: CheckpointItem; chosen: boolean; may: boolean }) {
  const { id, code, name, beat, revoked_at, scanned_at } = item
  const pick = (on: boolean): void => {
    const others = [...selected.value].filter((one) => one !== id)
    selected.value = new Set(on ? [...others, id] : others)
  }
  return (
    <li class={revoked_at === null ? '' : 'gone'}>
      {may && <input type="checkbox" aria-label={t('select', { name })} disabled={revoked_at !== null} checked={selected.value.has(id)}
        onChange={(event) => pick(event.currentTarget.checked)} />}
      <a class="list-row" href={href('checkpoints', id)} aria-current={chosen}>
        <span class="row"><b class="grow">{name}</b><span class="mono">{code}</span>{revoked_at !== null && <Tag tone="bad">{t('revoked')}</Tag>}</span>
        <span class="row muted"><span class="grow">{beatName(beat)}</span>
          <span>{scanned_at === null ? t('never') : ago(now.value - scanned_at)}</span></span>
      </a>
    </li>
  )
}
