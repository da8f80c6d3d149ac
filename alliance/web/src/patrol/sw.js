// The patrol page's service worker: the page opens without a network; data never pass through here.
// FILES and VERSION are put in front of this text when the pages are built.

const CACHE = `patrol-${VERSION}`
const PAGE = '/patrol'
const PATIENCE_MS = 3000

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([PAGE, ...FILES].map((path) => new Request(path, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('patrol-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

/** The newest page when the network is quick, else the one that was kept. */
async function page(request) {
  const kept = await caches.match(PAGE, { ignoreSearch: true })
  const fresh = fetch(request).then((response) => {
    if (!response.ok && kept) return kept
    return response
  })
  if (!kept) return fresh
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, kept))
  return Promise.race([fresh.catch(() => kept), late])
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (event.request.mode === 'navigate') event.respondWith(page(event.request))
  else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(event.request)))
  }
})
