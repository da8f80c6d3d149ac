/** What the service tells of checkpoints, and the page's state. */
import { signal } from '@preact/signals'

export interface CheckpointItem {
  id: number
  code: string
  name: string
  lat: number
  lon: number
  cell: string
  beat: string
  made_at: number
  made_by: number
  revoked_at: number | null
  version: number
  scanned_at: number | null
  scanned_by: number | null
}

export interface PrintedItem {
  id: number
  code: string
  name: string
  beat: string
  link: string
  svg: string
}

/** Where the map was clicked, for a new one. */
export interface Spot {
  lat: number
  lon: number
}

export const spot = signal<Spot | null>(null)
/** Chosen to be printed. */
export const selected = signal<ReadonlySet<number>>(new Set())

export const MAKING = ['administrator', 'commander', 'chief', 'officer'] as const
