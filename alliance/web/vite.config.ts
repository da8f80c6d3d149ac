import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const pages = ['index', 'patrol'].filter((name) => existsSync(resolve(import.meta.dirname, `${name}.html`)))
const service = process.env['ALLIANCE_ADDRESS'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
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
