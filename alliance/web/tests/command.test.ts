import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figures } from '../src/command/figures.ts'
import type { Area, Cells } from '../src/command/ground.ts'
import { coordinates, matches } from '../src/command/map/find.ts'
import { differences } from '../src/command/map/moves.ts'
import {
  AREA, COLD, COVERED, COVERED_STEPS, DEMAND, DEMAND_STEPS, SHADES, TIER,
  areaShades, coverageShade, coverageShades, demandShades, palette, tierShades,
} from '../src/command/map/shades.ts'
import { about, fans } from '../src/command/map/hexes.ts'
import { firstFree, publishedSpans } from '../src/command/rosters/days.ts'
import { clockMinute, minuteOf, spanOf } from '../src/command/spans.ts'
import { borders, boxes, corners, rings, world } from '../src/command/map/shapes.ts'
import { href, parse } from '../src/command/router.ts'
import { inOrder } from '../src/command/totals.ts'
import type { Place } from '../src/state.ts'

const cells: Cells = {
  cells: ['894118950c3ffff', '894118950cfffff', '894118950cbffff'],
  town: [0, 0, 1], station: [0, 0, 0], beat: [0, 1, 2], grid: [0, 0, 0], tier: [1, 1, 3],
  codes: { town: ['T1', 'T2'], station: ['S'], beat: ['B1', 'B2', 'B3'], grid: ['G'] },
}
const townOf = new Map([['B1', 'T1'], ['B2', 'T1'], ['B3', 'T2']])

test('coverage is the covered weight over all weight, and ends at covered_until itself', () => {
  const until = Float64Array.of(101, 100, 0)
  const { district, towns, beats } = figures(cells, until, [3, 1, 4], new Map(), townOf, 100)
  assert.equal(district.coverage, 3 / 8)
  assert.equal(towns.get('T1')?.coverage, 3 / 4)
  assert.equal(beats.get('B2')?.coverage, 0, 'covered up to 100 is cold at 100')
  assert.deepEqual([district.high, district.cold], [2, 1])
})

test('without a snapshot nothing is said to be cold', () => {
  const { district } = figures(cells, null, null, new Map(), townOf, 100)
  assert.deepEqual([district.coverage, district.cold], [null, 0])
})

test('staffing of beats adds up to towns and the district', () => {
  const staffing = new Map([['B1', { present: 2, needed: 4, planned: 3 }], ['B2', { present: 1, needed: 1, planned: 1 }], ['B3', { present: 5, needed: 6, planned: 6 }]])
  const { district, towns } = figures(cells, null, null, staffing, townOf, 0)
  assert.deepEqual([district.present, district.needed], [8, 11])
  assert.deepEqual([towns.get('T1')?.present, towns.get('T1')?.needed], [3, 5])
})

test('a cell cools step by step and is cold in its tier’s colour', () => {
  const minute = 60_000
  const seen = [15, 11.5, 8, 4, 0.1, 0].map((left) => coverageShade(1e12 + left * minute, 1, 15 * minute, 1e12))
  assert.deepEqual(seen, [COVERED + 3, COVERED + 3, COVERED + 2, COVERED + 1, COVERED, COLD])
  assert.equal(coverageShade(0, 3, minute, 1e12), COLD + 2)
  assert.equal(coverageShade(1e12 + 99 * minute, 1, 15 * minute, 1e12), COVERED + COVERED_STEPS - 1, 'never past the palette')
})

test('every shade of every layer has a colour', () => {
  for (const theme of ['dark', 'light'] as const) assert.equal(palette(theme).length, SHADES)
  const many = Array.from({ length: 500 }, (_, i) => i)
  const shades = [
    ...coverageShades(Float64Array.from(many), many.map((i) => 1 + (i % 3)), { high: 15, medium: 60, low: 240 }, 250),
    ...tierShades(many.map((i) => 1 + (i % 3))), ...demandShades(many), ...areaShades(many.map((i) => i % 40), many),
  ]
  assert.ok(shades.every((shade) => shade < SHADES))
  assert.deepEqual([...tierShades([1, 3])], [TIER, TIER + 2])
})

test('demand: no weight is the lowest class, the heaviest the highest, order is kept', () => {
  const shades = demandShades([0, ...Array.from({ length: 300 }, (_, i) => i + 1)])
  assert.equal(shades[0], DEMAND)
  assert.equal(shades[300], DEMAND + DEMAND_STEPS - 1)
  assert.ok(shades.every((shade, i) => i === 0 || shade >= (shades[i - 1] ?? 0)))
})

test('beats of one town share its hue and differ from the next', () => {
  const [a, b, c] = areaShades([0, 0, 1], [0, 1, 2])
  assert.deepEqual([a, b], [AREA, AREA + 1])
  assert.equal(c, AREA + 3)
})

test('borders of touching cells run around both, boxes hold every corner', () => {
  const found = rings(cells.cells)
  assert.equal(found[0]?.length, 6)
  const [one, both] = [borders(cells.cells, [0, 1, 2], ['a', 'b', 'c']), borders(cells.cells, [0, 0, 1], ['a', 'b'])]
  assert.equal(one.features[0]?.geometry.coordinates[0]?.length, 7)
  assert.ok((both.features[0]?.geometry.coordinates[0]?.length ?? 0) > 7)
  const box = boxes(found, cells.town, cells.codes.town)['T1']!
  for (const [lon = 0, lat = 0] of found[1]!) {
    assert.ok(box[0] <= lon && lon <= box[2] && box[1] <= lat && lat <= box[3])
  }
})

test('corners from an origin in 32 bits stand within a tenth of a pixel at the nearest zoom', () => {
  const found = rings(cells.cells)
  const { origin, sides, xy } = corners(found)
  assert.equal(sides, 6)
  found.forEach((ring, cell) => ring.forEach(([lon = 0, lat = 0], side) => {
    const at = (cell * sides + side) * 2
    const [x, y] = world(lon, lat)
    const pixels = 512 * 2 ** 17
    assert.ok(Math.hypot(origin[0] + xy[at]! - x, origin[1] + xy[at + 1]! - y) * pixels < 0.1)
  }))
})

test('a cell with fewer corners than the others repeats its last', () => {
  const { sides, xy } = corners([[[0, 0], [1, 0], [1, 1], [0, 1]], [[5, 5], [6, 5], [6, 6]]])
  assert.equal(sides, 4)
  assert.deepEqual([...xy.slice(12, 14)], [...xy.slice(14, 16)])
})

test('two triangles make a square, numbered on in the next cell', () => {
  assert.deepEqual([...fans(2, 4)], [0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7])
})

test('a matrix about an origin moves what counts from it to where it was', () => {
  const matrix = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 7, 8, 0, 1]
  const moved = about(matrix, [10, 20])
  assert.deepEqual([...moved.slice(12)], [27, 68, 0, 1])
  assert.deepEqual([...moved.slice(0, 12)], matrix.slice(0, 12))
})

const area = (code: string, kind: Area['kind'], name: string, name_en: string): Area => ({
  code, kind, name, name_en, town: '', station: null, beat: null, lat: 0, lon: 0, cells: 1, made_up: false,
})

test('search finds by either name or code, towns before their beats', () => {
  const areas = [area('B7', 'beat', '新塘第一警务区', 'Xintang 1'), area('440118101', 'town', '新塘镇', 'Xintang')]
  assert.deepEqual(matches('新塘', areas, 5).map(({ code }) => code), ['440118101', 'B7'])
  assert.deepEqual(matches('xintang 1', areas, 5).map(({ code }) => code), ['B7'])
  assert.deepEqual(matches('b7', areas, 5).map(({ code }) => code), ['B7'])
  assert.deepEqual(matches('nowhere', areas, 5), [])
})

test('coordinates are taken in either order', () => {
  const place = { lat: 23.1, lon: 113.6 }
  assert.deepEqual(coordinates('23.1, 113.6'), place)
  assert.deepEqual(coordinates(' 113.6 23.1 '), place)
  assert.equal(coordinates('113'), null)
  assert.equal(coordinates('新塘'), null)
})

test('the map is told who came, moved and left, and nothing when nothing changed', () => {
  const place = (id: number, lat: number): Place => ({ id, lat, lon: 113, at: 1, assignment: 1, state: 'present' })
  const before = new Map([[1, place(1, 23)], [2, place(2, 23)]])
  assert.equal(differences(before, new Map(before)), null)
  const after = new Map([[1, place(1, 23.5)], [3, place(3, 23)]])
  const diff = differences(before, after)
  assert.deepEqual([diff?.add?.map(({ id }) => id), diff?.update?.map(({ id }) => id), diff?.remove], [[3], [1], [2]])
})

test('addresses are read as they are written', () => {
  assert.deepEqual(parse(href('incidents', 12)), { page: 'incidents', key: '12' })
  assert.deepEqual(parse('#/nowhere'), { page: 'map', key: null })
  assert.deepEqual(parse(''), { page: 'map', key: null })
})

test('the first free day follows the last published one, or today', () => {
  const roster = (first_day: string, last_day: string, state = 'published') => ({ first_day, last_day, state })
  const spans = publishedSpans([roster('2026-03-05', '2026-03-08'), roster('2026-03-01', '2026-03-04'), roster('2026-04-01', '2026-04-02', 'draft')])
  assert.deepEqual(spans, [['2026-03-01', '2026-03-08']])
  assert.equal(firstFree(spans, '2026-03-03'), '2026-03-09')
  assert.equal(firstFree(spans, '2026-03-20'), '2026-03-21')
  assert.equal(firstFree([], '2026-12-31'), '2027-01-01')
})

test('an offer that ends by the clock before it starts ends on the next day', () => {
  assert.deepEqual(spanOf(minuteOf('22:00'), minuteOf('06:00')), { start_minute: 1320, end_minute: 1800 })
  assert.deepEqual(spanOf(minuteOf('00:00'), minuteOf('00:00')), { start_minute: 0, end_minute: 1440 })
  assert.deepEqual(spanOf(minuteOf('19:00'), minuteOf('23:30')), { start_minute: 1140, end_minute: 1410 })
  assert.equal(clockMinute(1800), '06:00')
})

test('sums by month stand newest first, others by their size', () => {
  const of = (key: string, amount: number) => ({ key, name: null, amount, entries: 1 })
  const keys = (rows: { key: string | null }[]) => rows.map(({ key }) => key)
  assert.deepEqual(keys(inOrder('month', [of('2026-10', 9), of('2026-09', 5), of('2026-11', 2)])), ['2026-11', '2026-10', '2026-09'])
  assert.deepEqual(keys(inOrder('kind', [of('fire', 2), of('hazard', 5)])), ['hazard', 'fire'])
})
