/** What the colours mean, for the layer that is shown. */
import { theme } from '../../theme.ts'
import type { Ground } from '../ground.ts'
import { people } from '../desk.ts'
import { number } from '../../i18n.ts'
import { t as visitsText } from '../replay/texts.ts'
import { visitDays } from '../replay/visits.ts'
import { t } from '../texts.ts'
import { colours, type Layer } from './shades.ts'
import { SlotChoice } from './slot.tsx'

/** On a phone the map is too small to give room away unasked. */
const WIDE = matchMedia('(min-width: 761px)')

export function Legend({ ground, layer }: { ground: Ground; layer: Layer }) {
  const c = colours(theme.value)
  const { high, medium, low } = ground.district.targets
  const tiers = [t('tier_1', { minutes: high }), t('tier_2', { minutes: medium }), t('tier_3', { minutes: low })]
  return (
    <details class="legend" open={WIDE.matches}>
      <summary>{t('legend')}</summary>
      {layer === 'coverage' && (
        <>
          <Steps title={t('legend_covered')} colours={c.covered} first={t('legend_short')} last={t('legend_fresh')} />
          <h3>{t('legend_cold')}</h3>
          <Keys entries={tiers.map((text, i) => [c.cold[i] ?? '', text] as const)} />
        </>
      )}
      {layer === 'tiers' && <><h3>{t('tiers')}</h3><Keys entries={tiers.map((text, i) => [c.tier[i] ?? '', text] as const)} /></>}
      {layer === 'demand' && (
        <>
          <Steps title={t('demand')} colours={c.demand} first={t('demand_low')} last={t('demand_high')} />
          <SlotChoice />
        </>
      )}
      {layer === 'visits' && <Steps title={visitsText('visits_of', { n: visitDays.value })} colours={c.demand} first={t('demand_low')} last={t('demand_high')} />}
      {layer === 'areas' && <p>{t('legend_areas')}</p>}
      <Keys entries={[[c.person, `${t('on_duty_people')} ${number(people.value.size)}`]]} round />
    </details>
  )
}

function Steps({ title, colours, first, last }: { title: string; colours: readonly string[]; first: string; last: string }) {
  return (
    <>
      <h3>{title}</h3>
      <div class="steps" aria-hidden="true">{colours.map((colour) => <i key={colour} style={{ background: colour }} />)}</div>
      <p class="ends"><span>{first}</span><span>{last}</span></p>
    </>
  )
}

function Keys({ entries, round }: { entries: readonly (readonly [string, string])[]; round?: boolean }) {
  return (
    <ul class="keys">
      {entries.map(([colour, text]) => (
        <li key={text}><i class={round ? 'round' : ''} style={{ background: colour }} aria-hidden="true" />{text}</li>
      ))}
    </ul>
  )
}
