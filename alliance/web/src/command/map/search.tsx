/** Finding a place: by name, code or coordinates; a list box under a field. */
import { useState } from 'preact/hooks'
import { named } from '../../i18n.ts'
import { readGrids, type Area, type Ground } from '../ground.ts'
import { t } from '../texts.ts'
import { choice, chooseArea, lead } from './lead.ts'
import { coordinates, matches } from './find.ts'

const MOST = 12

export function Search({ ground }: { ground: Ground }) {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  const [grids, setGrids] = useState<Area[]>([])
  const found = text.trim() === '' ? [] : matches(text, [...ground.towns, ...ground.stations, ...ground.beats, ...grids], MOST)
  const point = coordinates(text)
  const pick = (area: Area): void => {
    setText(named(area))
    setOpen(false)
    if (area.kind === 'town' || area.kind === 'beat') chooseArea(area.code)
    else lead.value = { lon: area.lon, lat: area.lat, zoom: area.kind === 'grid' ? 14 : 12 }
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setActive((at) => Math.max(0, Math.min(found.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter') {
      const area = found[active]
      if (point) {
        choice.value = null
        lead.value = { ...point, zoom: 15 }
        setOpen(false)
      } else if (area) pick(area)
    } else if (event.key === 'Escape') setOpen(false)
  }
  const shown = open && text.trim() !== '' && point === null
  return (
    <div class="search" role="search">
      <input type="text" role="combobox" list={undefined} aria-label={t('find')} placeholder={t('find')} aria-expanded={shown}
        aria-controls="found" aria-autocomplete="list" aria-activedescendant={shown && found[active] ? `found-${active}` : undefined}
        value={text} onKeyDown={onKey} onBlur={() => setOpen(false)}
        onFocus={() => { setOpen(true); readGrids().then(setGrids, () => undefined) }}
        onInput={(event) => { setText(event.currentTarget.value); setActive(0); setOpen(true) }} />
      {shown && (
        <ul id="found" role="listbox" aria-label={t('find')}>
          {found.map((area, i) => (
            <li key={area.code} id={`found-${i}`} role="option" aria-selected={i === active}
              onMouseDown={(event) => { event.preventDefault(); pick(area) }}>
              {named(area)} <span class="faint">{t(area.kind)}{area.kind === 'town' ? '' : ` · ${townName(ground, area)}`}</span>
            </li>
          ))}
          {found.length === 0 && <li class="faint" role="option" aria-selected="false">{t('nothing_found', { text: text.trim() })}</li>}
        </ul>
      )}
    </div>
  )
}

function townName(ground: Ground, area: Area): string {
  const town = ground.areas.get(area.town)
  return town ? named(town) : area.town
}
