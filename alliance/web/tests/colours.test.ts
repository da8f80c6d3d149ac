import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const css = (name: string): string => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')

/** The colours of both themes; the light one says only what differs. */
function themes(): Record<string, string>[] {
  const blocks = [...css('style.css').matchAll(/^:root[^{]*\{([^}]*)\}/gm)].map(([, body]) =>
    Object.fromEntries([...body!.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!])))
  assert.equal(blocks.length, 2)
  return [blocks[0]!, { ...blocks[0]!, ...blocks[1]! }]
}

function light(colour: string): number {
  const full = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(full.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string): number => {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

test('text is told from what it lies on, in both themes', () => {
  for (const theme of themes())
    for (const text of ['text', 'text-2', 'text-3', 'link', 'good', 'warn', 'bad', 'info'])
      for (const ground of ['ground', 'surface'])
        assert.ok(contrast(theme[text]!, theme[ground]!) >= 4.5, `${text} on ${ground}: ${contrast(theme[text]!, theme[ground]!)}`)
})

test('the look of a call for help is the banner’s alone: attention names its kinds by class too', () => {
  assert.doesNotMatch(css('command/desk.css'), /^\.sos[ .>:{]/m)
})

test('a call for help can be read while it rings', () => {
  const colour = /\.sos\.ringing \{[^}]*[^-]color: (#[0-9a-f]+)/.exec(css('command/desk.css'))?.[1]
  assert.ok(colour)
  for (const theme of themes()) assert.ok(contrast(colour, theme['alarm']!) >= 4.5)
})
