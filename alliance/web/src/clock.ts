/** UTC by the monotonic clock plus the offset learnt from the service: a changed device clock doesn't move it. */

export interface Clock {
  now(): number
  /** Takes the server's time from an exchange: sent and received by this clock's `raw`. */
  learn(sent: number, received: number, server: number): void
  raw(): number
  readonly offset: number
}

export function makeClock(raw: () => number = () => performance.timeOrigin + performance.now()): Clock {
  let offset = 0
  return {
    raw,
    now: () => Math.round(raw() + offset),
    learn: (sent, received, server) => {
      offset = server + (received - sent) / 2 - received
    },
    get offset() {
      return offset
    },
  }
}
