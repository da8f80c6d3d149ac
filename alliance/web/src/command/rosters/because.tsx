/** Why this person: what the assignment brings term by term, the best other, and why the nearest are not it. */
import { get } from '../../api.ts'
import { language } from '../../i18n.ts'
import { ruleText } from '../../rules.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { termName } from '../codes.ts'
import { useName } from '../names.ts'
import { href } from '../router.ts'
import { signed } from './bar.tsx'
import type { BecauseItem, InsteadItem } from './items.ts'
import { telling } from './pending.ts'
import { r } from './texts.ts'

export function Because({ roster, assignment }: { roster: number; assignment: number }) {
  const { value, refused, again } = useLoad((signal) => get<BecauseItem>(`/rosters/${roster}/assignments/${assignment}/why`, undefined, signal), [roster, assignment])
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  return <div class="because"><Reasons value={value} /></div>
}

export function Reasons({ value }: { value: BecauseItem }) {
  return (
    <>
      <p>{r('brings', { value: signed(value.value) })} {telling(value.terms).map(([name, by]) => `${termName(name)} ${signed(by)}`).join(' · ')}{value.lone && ` · ${r('lone')}`}</p>
      <p>{value.best === null ? r('no_other_person', { n: value.tried }) : <>{r('best_other', { n: value.tried })} <Name person={value.best.person} /> {signed(value.best.value)}</>}</p>
      {value.nearest.length > 0 && <ul>{value.nearest.map((one) => <Other key={one.person} one={one} />)}</ul>}
    </>
  )
}

function Other({ one }: { one: InsteadItem }) {
  const colon = language.value === 'zh' ? '：' : ': '
  const text = one.violations.length === 0 ? r('would_be', { value: signed(one.value) }) : one.violations.map(ruleText).join(language.value === 'zh' ? '；' : '; ')
  return <li><Name person={one.person} />{colon}{text}</li>
}

function Name({ person }: { person: number }) {
  return <a href={href('people', person)}>{useName(person)}</a>
}
