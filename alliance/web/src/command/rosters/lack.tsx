/** A shortfall in a sentence: how many, why, who was left at each step, and what it would take. */
import { language } from '../../i18n.ts'
import { ruleText } from '../../rules.ts'
import { shortfallKind, shortfallReason } from '../codes.ts'
import type { LackItem, RemedyItem } from '../items.ts'
import { useName } from '../names.ts'
import { href } from '../router.ts'
import { signed } from './bar.tsx'
import { r } from './texts.ts'

export function LackLine({ lack }: { lack: LackItem }) {
  const { remedy, ...figures } = lack.detail
  return (
    <div>
      <p class="bad">{r('lack_line', { kind: shortfallKind(lack.kind), n: lack.missing, reason: shortfallReason(lack.reason) })}
        {'offering' in figures && <span class="muted"> {r('lack_figures', figures)}</span>}</p>
      {remedy && <Remedy remedy={remedy} missing={lack.missing} />}
    </div>
  )
}

export function Remedy({ remedy, missing }: { remedy: RemedyItem; missing: number }) {
  return (
    <ul class="remedy muted">
      <li>{remedy.within_km === null ? r('remedy_any', { n: missing }) : r('remedy_near', { n: missing, km: remedy.within_km })}
        {remedy.spare_km !== null && ` ${r('remedy_spare', { km: remedy.spare_km.toFixed(1) })}`}</li>
      {remedy.able.map(({ person, value }) => <li key={person}><Name person={person} /> {r('could_come', { value: signed(value) })}</li>)}
      {remedy.unable.map(({ person, km, violations }) => (
        <li key={person}><Name person={person} />{km !== null && ` (${r('km_away', { km: km.toFixed(1) })})`}{language.value === 'zh' ? '：' : ': '}
          {violations.filter(({ rule }) => rule !== 'not_alone').map(ruleText).join(language.value === 'zh' ? '；' : '; ')}</li>
      ))}
    </ul>
  )
}

function Name({ person }: { person: number }) {
  return <a href={href('people', person)}>{useName(person)}</a>
}
