/** The tone of a state's tag. */
import type { Tone } from '../ui/parts.tsx'

export function stateTone(state: string): Tone {
  const tones: Record<string, Tone> = { open: 'bad', dispatched: 'warn', on_scene: 'info', confirmed: 'good' }
  return tones[state] ?? 'plain'
}

export function rosterTone(state: string): Tone {
  const tones: Record<string, Tone> = { solving: 'info', failed: 'bad', draft: 'warn', published: 'good' }
  return tones[state] ?? 'plain'
}
