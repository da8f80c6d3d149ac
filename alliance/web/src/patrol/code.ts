/** What a checkpoint's printed code holds. */

const FRAGMENT = /#scan=([\w-]{1,100})$/

/** The key in a code's text: a link to this page, whatever address it was printed with. */
export const keyIn = (text: string): string | null => FRAGMENT.exec(text)?.[1] ?? null
