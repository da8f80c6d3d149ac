/** Ranked changes that fill a hole at once: what each costs in every term, and carrying one out. */
import { useState } from 'preact/hooks'
import { get, newKey, post, problemOf, type Page } from '../../api.ts'
import { labelled } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Empty, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { signed, termsText } from './candidates.tsx'
import type { HoleDetail } from './items.ts'
import { h, repairKind } from './texts.ts'

interface Spot {
  post: number
  shift: number
}

interface Step {
  person: number
  source: Spot | null
  target: Spot | null
}

interface Option {
  kind: string
  steps: Step[]
  value: number
  change: Record<string, number>
  names: { people: Record<string, string>; posts: Record<string, string> }
}

export function Repairs({ hole, onDone }: { hole: HoleDetail; onDone(): void }) {
  const [wanted, setWanted] = useState(false)
  return (
    <section class="box">
      <header><h2>{h('repairs')}</h2><span class="grow" />
        {!wanted && <button type="button" onClick={() => setWanted(true)}>{h('find_repairs')}</button>}</header>
      {wanted ? <Options hole={hole} onDone={onDone} /> : <Empty>{h('repairs_line')}</Empty>}
    </section>
  )
}

function Options({ hole, onDone }: { hole: HoleDetail; onDone(): void }) {
  const { value, refused, again } = useLoad((signal) => get<Page<Option>>(`/holes/${hole.id}/repairs`, undefined, signal), [hole.id, hole.version])
  const [chosen, setChosen] = useState<Option | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const carryOut = async (option: Option): Promise<void> => {
    setProblem(null)
    try {
      await post(`/holes/${hole.id}/repair`, { steps: option.steps }, { key: newKey() })
    } catch (error) {
      setProblem(problemOf(error))
      again()
    }
    onDone()
  }
  return (
    <>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value?.items.length === 0 && <Empty>{h('no_repairs')}</Empty>}
      {value !== null && value.items.length > 0 && (
        <div class="scroll">
          <table>
            <thead><tr><th>{h('who_moves')}</th><th class="num">{h('gain')}</th><th>{h('terms')}</th><td /></tr></thead>
            <tbody>
              {value.items.map((one) => (
                <tr key={JSON.stringify(one.steps)}>
                  <td><Tag>{repairKind(one.kind)}</Tag>{one.steps.map((step) => <div key={step.person}>{stepText(one, step)}</div>)}</td>
                  <td class="num">{signed(one.value)}</td>
                  <td class="muted">{termsText(one.change)}</td>
                  <td><button type="button" aria-label={`${h('carry_out')} ${one.steps.map((step) => one.names.people[step.person]).join(' ')}`}
                    onClick={() => setChosen(one)}>{h('carry_out')}…</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {chosen && (
        <Ask title={h('carry_out_title')} confirm={h('carry_out')} onClose={() => setChosen(null)} onConfirm={() => carryOut(chosen)}>
          {chosen.steps.map((step) => <p key={step.person}>{stepText(chosen, step)}</p>)}
          <p class="muted">{h('carry_out_line')}</p>
        </Ask>
      )}
    </>
  )
}

function stepText({ names }: Option, { person, source, target }: Step): string {
  const place = (spot: Spot | null, none: string): string => (spot === null ? none : names.posts[spot.post] ?? `#${spot.post}`)
  return labelled(names.people[person] ?? `#${person}`, `${place(source, h('free_before'))} → ${place(target, h('goes_home'))}`)
}
