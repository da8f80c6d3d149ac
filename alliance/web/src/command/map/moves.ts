/** What changed between two sets of on-duty people, as the map's source wants to be told. */
import type { GeoJSONSourceDiff } from 'maplibre-gl'
import type { Place } from '../../state.ts'

export function differences(
  before: ReadonlyMap<number, Place>, after: ReadonlyMap<number, Place>,
): GeoJSONSourceDiff | null {
  const add: GeoJSON.Feature[] = []
  const update: NonNullable<GeoJSONSourceDiff['update']> = []
  const remove: number[] = []
  for (const [id, place] of after) {
    const was = before.get(id)
    if (was === place) continue
    if (was === undefined) add.push({ type: 'Feature', id, properties: { state: place.state }, geometry: at(place) })
    else if (was.lat !== place.lat || was.lon !== place.lon || was.state !== place.state) {
      update.push({ id, newGeometry: at(place), addOrUpdateProperties: [{ key: 'state', value: place.state }] })
    }
  }
  for (const id of before.keys()) {
    if (!after.has(id)) remove.push(id)
  }
  return add.length + update.length + remove.length === 0 ? null : { add, update, remove }
}

const at = ({ lon, lat }: Place): GeoJSON.Point => ({ type: 'Point', coordinates: [lon, lat] })
