import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

const pages = ['index', 'patrol'].filter((name) => existsSync(resolve(import.meta.dirname, `${name}.html`)))
const service = process.env['ALLIANCE_ADDRESS'] ?? 'http://127.0.0.1:8080'

/** Writes sw.js: the worker's text behind the list of what the patrol page needs to open without a network. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      const needed = new Set<string>(['icon.svg', 'patrol.webmanifest'])
      const take = (name: string): void => {
        const part = bundle[name]
        if (needed.has(name) || part === undefined) return
        needed.add(name)
        if (part.type !== 'chunk') return
        for (const other of [...part.imports, ...(part.viteMetadata?.importedCss ?? [])]) take(other)
      }
      for (const part of Object.values(bundle)) if (part.type === 'chunk' && part.name === 'patrol') take(part.fileName)
      const files = [...needed].sort().map((name) => `/${name}`)
      const text = readFileSync(resolve(import.meta.dirname, 'src/patrol/sw.js'), 'utf8')
      const version = createHash('sha256').update(files.join() + text).digest('hex').slice(0, 12)
      const source = `const FILES = ${JSON.stringify(files)}\nconst VERSION = '${version}'\n${text}`
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

export default defineConfig({
  plugins: [serviceWorker()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name, resolve(import.meta.dirname, `${name}.html`)])),
    },
  },
  server: {
    proxy: { '/api': service, '/feed': { target: service, ws: true } },
  },
})
