/** A past period's frames and which cells are covered at each: pure, forward by what changed, back from the start. */

export interface Frames {
  from: number
  step: number
  on: readonly (readonly number[])[]
  off: readonly (readonly number[])[]
  coverage: readonly number[]
}

export interface Cursor {
  /** The frame `covered` stands at; −1 before the first, when all are cold. */
  frame: number
  covered: Uint8Array
}

export const atStart = (cells: number): Cursor => ({ frame: -1, covered: new Uint8Array(cells) })

/** Moves to another frame; the array is used on. */
export function moved(frames: Frames, cursor: Cursor, to: number): Cursor {
  let { frame } = cursor
  const { covered } = cursor
  if (to < frame) {
    covered.fill(0)
    frame = -1
  }
  while (frame < to) {
    frame += 1
    for (const cell of frames.off[frame] ?? []) covered[cell] = 0
    for (const cell of frames.on[frame] ?? []) covered[cell] = 1
  }
  return { frame, covered }
}

export const timeOf = (frames: Frames, frame: number): number => frames.from + frame * frames.step

/** The instant of a local minute of a day in a time zone; from 1440 on it lies on the next day. */
export function instantOf(day: string, minute: number, zone: string): number {
  const asIfUtc = Date.parse(`${day}T00:00:00Z`) + minute * 60_000
  const first = asIfUtc - offset(asIfUtc, zone)
  return asIfUtc - offset(first, zone)
}

/** How far the zone's clocks are ahead of UTC at an instant. */
function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(at / 1000) * 1000
}
