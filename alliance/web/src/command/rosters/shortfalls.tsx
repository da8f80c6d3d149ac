/** What a roster lacks, gathered by beat, the largest lack first. */
import { get, type Page } from '../../api.ts'
import { named, number } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { ground } from '../desk.ts'
import type { PostItem, RosterItem, ShiftItem } from '../items.ts'
import { shortfallKind, shortfallReason } from '../codes.ts'
import { t } from '../texts.ts'
import { Remedy } from './lack.tsx'
import { r } from './texts.ts'

const BEATS_SHOWN = 30

export function Shortfalls({ roster }: { roster: RosterItem }) {
  const { value, refused, again } = useLoad((signal) => places(roster, signal), [roster.id])
  const groups = byBeat(roster, value?.posts ?? new Map())
  return (
    <section class="box">
      <header><h2>{t('shortfalls')}</h2><span class="muted">{number(roster.shortfalls.length)}</span></header>
      {refused !== null && <Failed text={refused} retry={again} />}
      {roster.shortfalls.length === 0 ? <Empty>{t('no_shortfalls')}</Empty> : (
        <div class="scroll">
          {groups.slice(0, BEATS_SHOWN).map(([beat, lacks]) => (
            <details key={beat} class="lack" open={groups.length <= 3}>
              <summary><b>{beatName(beat)}</b><span class="grow" /><span class="warn">{t('missing', { n: total(lacks) })}</span></summary>
              <ul>
                {lacks.map((lack) => (
                  <li key={`${lack.post} ${lack.shift} ${lack.kind}`}>
                    <span class="grow">{postText(value?.posts.get(lack.post), lack.post)} · {shiftText(value?.shifts.get(lack.shift), lack.shift)}</span>
                    <span class="muted">{shortfallKind(lack.kind)} · {shortfallReason(lack.reason)}</span>
                    <span>{t('missing', { n: lack.missing })}</span>
                    {lack.detail.remedy && <details class="whole"><summary>{r('remedy')}</summary><Remedy remedy={lack.detail.remedy} missing={lack.missing} /></details>}
                  </li>
                ))}
              </ul>
            </details>
          ))}
          {groups.length > BEATS_SHOWN && <p class="empty">{t('shortfall_more', { n: groups.length - BEATS_SHOWN })}</p>}
        </div>
      )}
    </section>
  )
}

type Lack = RosterItem['shortfalls'][number]

const total = (lacks: readonly Lack[]): number => lacks.reduce((sum, { missing }) => sum + missing, 0)

function byBeat(roster: RosterItem, posts: ReadonlyMap<number, PostItem>): [beat: string, lacks: Lack[]][] {
  const groups = new Map<string, Lack[]>()
  for (const lack of roster.shortfalls) {
    const beat = posts.get(lack.post)?.beat ?? ''
    groups.set(beat, [...(groups.get(beat) ?? []), lack])
  }
  return [...groups].sort(([, a], [, b]) => total(b) - total(a))
}

function beatName(code: string): string {
  const beat = ground.value?.areas.get(code)
  return beat ? named(beat) : code || '–'
}

const postText = (post: PostItem | undefined, id: number): string => (post === undefined ? `#${id}` : named(post))

export function shiftText(shift: ShiftItem | undefined, id: number): string {
  if (shift === undefined) return `#${id}`
  const pattern = ground.value?.district.patterns.find(({ code }) => code === shift.pattern)
  return `${shift.duty_day.slice(5)} ${pattern ? named(pattern) : shift.pattern}`
}

async function places(roster: RosterItem, signal: AbortSignal) {
  const [posts, shifts] = await Promise.all([
    get<Page<PostItem>>('/posts', undefined, signal),
    get<Page<ShiftItem>>('/shifts', { from_day: roster.first_day, to_day: roster.last_day }, signal),
  ])
  return {
    posts: new Map(posts.items.map((post) => [post.id, post])),
    shifts: new Map(shifts.items.map((shift) => [shift.id, shift])),
  }
}
