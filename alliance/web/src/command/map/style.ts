/** The map's style: plain ground, borders, points, labels drawn from local fonts; the cells are a layer of their own. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { Theme } from '../../theme.ts'
import { colours } from './shades.ts'

const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }
export const POINTS_FROM = 11.5

const source = (more: object = {}) => ({ type: 'geojson' as const, data: NOTHING, ...more })

export function mapStyle(theme: Theme, boundary: GeoJSON.Geometry): StyleSpecification {
  const district: GeoJSON.Feature = { type: 'Feature', properties: {}, geometry: boundary }
  return {
    version: 8,
    sources: {
      district: { type: 'geojson', data: district, tolerance: 0.2 },
      'town-borders': source({ tolerance: 0.2, maxzoom: 13 }),
      'beat-borders': source({ tolerance: 0.2, maxzoom: 13 }),
      chosen: source(),
      towns: source(),
      beats: source(),
      people: source({ maxzoom: 14 }),
      incidents: source(),
    },
    layers: layers(theme),
  }
}

export function layers(theme: Theme): LayerSpecification[] {
  return [...groundLayers(theme), ...borderLayers(theme), ...pointLayers(theme), ...labelLayers(theme)]
}

function groundLayers(theme: Theme): LayerSpecification[] {
  const c = colours(theme)
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': c.ground } },
    { id: 'district', type: 'fill', source: 'district', paint: { 'fill-color': c.district } },
  ]
}

function borderLayers(theme: Theme): LayerSpecification[] {
  const c = colours(theme)
  return [
    {
      id: 'beat-borders', type: 'line', source: 'beat-borders', minzoom: 9.5,
      paint: {
        'line-color': c.ground, 'line-opacity': 0.8,
        'line-width': ['interpolate', ['linear'], ['zoom'], 9.5, 0.5, 12, 1.2, 15, 2],
      },
    },
    {
      id: 'town-borders', type: 'line', source: 'town-borders', layout: { 'line-join': 'round' },
      paint: {
        'line-color': c.town, 'line-opacity': 0.75,
        'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 11, 1.2, 14, 2],
      },
    },
    {
      id: 'boundary', type: 'line', source: 'district', layout: { 'line-join': 'round' },
      paint: { 'line-color': c.boundary, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 13, 2.4] },
    },
    {
      id: 'chosen', type: 'line', source: 'chosen', layout: { 'line-join': 'round' },
      paint: { 'line-color': c.chosen, 'line-width': 2.5 },
    },
  ]
}

function pointLayers(theme: Theme): LayerSpecification[] {
  const c = colours(theme)
  return [
    {
      id: 'people-far', type: 'circle', source: 'people', maxzoom: POINTS_FROM,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 0.9, 10, 1.5, 11.5, 2.2],
        'circle-color': c.person, 'circle-opacity': 0.75,
      },
    },
    {
      id: 'people', type: 'circle', source: 'people', minzoom: POINTS_FROM,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 11.5, 3, 15, 6.5],
        'circle-color': ['match', ['get', 'state'], 'sos', '#d92d3a', c.person],
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 11.5, 1, 15, 2],
        'circle-stroke-color': c.personEdge,
      },
    },
    {
      id: 'incidents', type: 'circle', source: 'incidents',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 5, 11, 8, 14, 11],
        'circle-color': ['match', ['get', 'state'], 'open', '#e8574a', 'dispatched', '#e0a43a', 'on_scene', '#5b9df0', '#7b8794'],
        'circle-stroke-width': 1.5, 'circle-stroke-color': c.personEdge,
      },
    },
    {
      id: 'incident-signs', type: 'symbol', source: 'incidents', minzoom: 10,
      layout: {
        'text-field': ['get', 'sign'], 'text-font': ['sans-serif'], 'text-allow-overlap': true, 'text-ignore-placement': true,
        'text-size': ['interpolate', ['linear'], ['zoom'], 10, 9, 14, 13],
      },
      paint: { 'text-color': '#ffffff' },
    },
  ]
}

function labelLayers(theme: Theme): LayerSpecification[] {
  const c = colours(theme)
  const halo = { 'text-halo-color': c.halo, 'text-halo-width': 1.6 }
  return [
    {
      id: 'beat-labels', type: 'symbol', source: 'beats', minzoom: 11.2,
      layout: {
        'text-field': ['format', ['get', 'name'], {}, ['get', 'figure'], { 'font-scale': 0.9 }], 'text-font': ['sans-serif'],
        'text-size': ['interpolate', ['linear'], ['zoom'], 11, 11, 14, 14], 'text-padding': 6, 'text-max-width': 9,
      },
      paint: { 'text-color': c.faint, ...halo },
    },
    {
      id: 'town-labels', type: 'symbol', source: 'towns', maxzoom: 13,
      layout: {
        'text-field': ['format', ['get', 'name'], {}, ['get', 'figure'], { 'font-scale': 0.85 }], 'text-font': ['sans-serif-bold'],
        'text-size': ['interpolate', ['linear'], ['zoom'], 8, 12, 12, 17],
        'text-variable-anchor': ['center', 'bottom', 'top', 'left', 'right'], 'text-radial-offset': 0.3, 'text-padding': 0,
      },
      paint: { 'text-color': c.label, ...halo },
    },
  ]
}
