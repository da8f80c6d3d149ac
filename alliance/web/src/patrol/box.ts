/** The phone's own storage: letters, fixes, pictures and marks, kept until they are acknowledged. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb'
import type { Fix } from '../wire.ts'
import type { Mark } from './duty.ts'
import type { Keyed, KeptFix, Letter, Waiting } from './outbox.ts'

interface Picture {
  id: number
  blob: Blob
}

interface Shape extends DBSchema {
  letters: { key: number; value: Letter; indexes: { key: string } }
  fixes: { key: number; value: KeptFix }
  pictures: { key: number; value: Picture }
  marks: { key: string; value: Mark & { key: string; person: number } }
  kept: { key: string; value: unknown }
}

type Store = 'letters' | 'fixes' | 'pictures' | 'marks' | 'kept'

const COUNTER = 'counter'

export class Box {
  readonly #db: IDBPDatabase<Shape>

  private constructor(db: IDBPDatabase<Shape>) {
    this.#db = db
  }

  static async open(name = 'alliance-patrol'): Promise<Box> {
    const db = await openDB<Shape>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('letters', { keyPath: 'n' }).createIndex('key', 'message.key')
        fresh.createObjectStore('fixes', { keyPath: 'n' })
        fresh.createObjectStore('pictures', { keyPath: 'id' })
        fresh.createObjectStore('marks', { keyPath: 'key' })
        fresh.createObjectStore('kept')
      },
    })
    return new Box(db)
  }

  /** One counter for letters, fixes and pictures, so that their order is known for good. */
  async #number(tx: IDBPTransaction<Shape, Store[], 'readwrite'>): Promise<number> {
    const kept = tx.objectStore('kept')
    const n = (((await kept.get(COUNTER)) as number | undefined) ?? 0) + 1
    await kept.put(n, COUNTER)
    return n
  }

  async addLetter(person: number, message: Keyed, pictures: number[] = [], mark: Mark | null = null): Promise<void> {
    const tx = this.#db.transaction<Store[], 'readwrite'>(['letters', 'marks', 'kept'], 'readwrite')
    const n = await this.#number(tx)
    await tx.objectStore('letters').put({ n, person, message, pictures, refused: null })
    if (mark) await tx.objectStore('marks').put({ ...mark, key: message.key, person })
    await tx.done
  }

  async addFix(person: number, assignment: number, fix: Fix): Promise<void> {
    const tx = this.#db.transaction<Store[], 'readwrite'>(['fixes', 'kept'], 'readwrite')
    const n = await this.#number(tx)
    await tx.objectStore('fixes').put({ n, person, assignment, fix })
    await tx.done
  }

  async addPicture(blob: Blob): Promise<number> {
    const tx = this.#db.transaction<Store[], 'readwrite'>(['pictures', 'kept'], 'readwrite')
    const id = await this.#number(tx)
    await tx.objectStore('pictures').put({ id, blob })
    await tx.done
    return id
  }

  async waiting(person: number): Promise<Waiting> {
    const tx = this.#db.transaction(['letters', 'fixes'])
    const [letters, fixes] = await Promise.all([tx.objectStore('letters').getAll(), tx.objectStore('fixes').getAll()])
    return {
      letters: letters.filter((letter) => letter.person === person),
      fixes: fixes.filter((fix) => fix.person === person),
    }
  }

  async marks(person: number): Promise<Mark[]> {
    return (await this.#db.getAll('marks')).filter((mark) => mark.person === person)
  }

  async forgetMarks(before: number): Promise<void> {
    const tx = this.#db.transaction('marks', 'readwrite')
    for (const mark of await tx.store.getAll()) if (mark.at < before) await tx.store.delete(mark.key)
    await tx.done
  }

  async picture(id: number): Promise<Blob | null> {
    return (await this.#db.get('pictures', id))?.blob ?? null
  }

  /** A picture is on the service: the letter carries its number there. */
  async uploaded(n: number, picture: number, photo: number): Promise<void> {
    const tx = this.#db.transaction(['letters', 'pictures'], 'readwrite')
    const letter = await tx.objectStore('letters').get(n)
    if (letter && letter.message.type === 'report') {
      letter.pictures = letter.pictures.filter((one) => one !== picture)
      letter.message.photos = [...(letter.message.photos ?? []), photo]
      await tx.objectStore('letters').put(letter)
    }
    await tx.objectStore('pictures').delete(picture)
    await tx.done
  }

  /** A picture that the service will never take: the report goes without it. */
  async dropPicture(n: number, picture: number): Promise<void> {
    const tx = this.#db.transaction(['letters', 'pictures'], 'readwrite')
    const letter = await tx.objectStore('letters').get(n)
    if (letter) await tx.objectStore('letters').put({ ...letter, pictures: letter.pictures.filter((one) => one !== picture) })
    await tx.objectStore('pictures').delete(picture)
    await tx.done
  }

  async accepted(key: string): Promise<Letter | null> {
    const letter = await this.#db.getFromIndex('letters', 'key', key)
    if (letter) await this.#db.delete('letters', letter.n)
    return letter ?? null
  }

  /** A refused letter stays to be read; a refused check-in no longer counts as one. */
  async refused(key: string, code: string, detail: string): Promise<void> {
    const tx = this.#db.transaction(['letters', 'marks'], 'readwrite')
    const letter = await tx.objectStore('letters').index('key').get(key)
    if (letter) await tx.objectStore('letters').put({ ...letter, refused: { code, detail } })
    await tx.objectStore('marks').delete(key)
    await tx.done
  }

  async dismiss(n: number): Promise<void> {
    await this.#db.delete('letters', n)
  }

  async fixesSettled(person: number, upTo: number): Promise<void> {
    const tx = this.#db.transaction('fixes', 'readwrite')
    for (let at = await tx.store.openCursor(IDBKeyRange.upperBound(upTo)); at; at = await at.continue()) {
      if (at.value.person === person) await at.delete()
    }
    await tx.done
  }

  async keep(name: string, value: unknown): Promise<void> {
    await this.#db.put('kept', value, name)
  }

  async kept<T>(name: string): Promise<T | null> {
    return ((await this.#db.get('kept', name)) as T | undefined) ?? null
  }
}
