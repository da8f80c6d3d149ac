/** Two tones over and over, as long as someone calls for help and nobody has answered. */
import { signal } from '@preact/signals'

const EVERY_MS = 1400

/** Browsers keep a page silent until it is touched; then the desk must ask for the touch. */
export const silenced = signal(false)

let context: AudioContext | null = null
let timer: ReturnType<typeof setInterval> | undefined

export function ring(on: boolean): void {
  if (!on) {
    clearInterval(timer)
    timer = undefined
    silenced.value = false
    return
  }
  if (timer !== undefined) return
  beep()
  timer = setInterval(beep, EVERY_MS)
}

export async function allowSound(): Promise<void> {
  await context?.resume()
  if (context?.state === 'running') silenced.value = false
}

function beep(): void {
  context ??= new AudioContext()
  if (context.state !== 'running') {
    silenced.value = true
    void context.resume().then(() => (silenced.value = false))
    return
  }
  tone(context, 880, 0)
  tone(context, 660, 0.28)
}

function tone(audio: AudioContext, hertz: number, after: number): void {
  const start = audio.currentTime + after
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(0.25, start + 0.02)
  gain.gain.linearRampToValueAtTime(0, start + 0.25)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(start)
  oscillator.stop(start + 0.26)
}
