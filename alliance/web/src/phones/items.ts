/** What the service tells of apps that are bound to a person. */

export interface PhoneItem {
  id: number
  person: number
  name: string
  made_at: number
  made_by: number
  used_at: number | null
}

/** What to put into each app; told once, when it is bound. */
export interface BoundItem extends PhoneItem {
  token: string
  traccar: { url: string; link: string; svg: string } | null
  owntracks: { url: string; configuration: string; link: string; svg: string } | null
}

export const APPS = ['Traccar Client', 'OwnTracks'] as const
export type App = (typeof APPS)[number]
