/** Scanning inside the page, where the browser can read codes; elsewhere the phone's own camera opens the link. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { common } from '../words.ts'
import { keyIn } from './code.ts'
import { scanned } from './scan.ts'
import { s } from './scan_texts.ts'

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}

type MakeDetector = new (options: { formats: string[] }) => Detector

const LOOK_MS = 200
const makeDetector = (globalThis as { BarcodeDetector?: MakeDetector }).BarcodeDetector
/** Whether this browser can. */
export const canScan = makeDetector !== undefined && 'mediaDevices' in navigator

export function CameraButton() {
  const [open, setOpen] = useState(false)
  if (makeDetector === undefined || !canScan) return null
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>{s('scan')}</button>
      {open && <Camera detector={new makeDetector({ formats: ['qr_code'] })} onClose={() => setOpen(false)} />}
    </>
  )
}

function Camera({ detector, onClose }: { detector: Detector; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const [said, setSaid] = useState<'aim' | 'no_camera' | 'other_code'>('aim')
  useEffect(() => {
    dialog.current?.showModal()
    let stream: MediaStream | null = null
    let over = false
    const look = async (): Promise<void> => {
      const [found] = await detector.detect(video.current!).catch(() => [])
      if (over) return
      const key = found === undefined ? null : keyIn(found.rawValue)
      if (key !== null) {
        scanned(key)
        onClose()
        return
      }
      if (found !== undefined) setSaid('other_code')
      setTimeout(() => void look(), LOOK_MS)
    }
    const begin = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (over || video.current === null) return stream.getTracks().forEach((track) => track.stop())
      video.current.srcObject = stream
      // What can't be read yet is looked at again.
      void video.current.play().catch(() => undefined)
      void look()
    }
    begin().catch(() => setSaid('no_camera'))
    return () => {
      over = true
      stream?.getTracks().forEach((track) => track.stop())
    }
  }, [])
  return (
    <dialog ref={dialog} class="camera" onClose={onClose} aria-labelledby="camera-title">
      <h2 id="camera-title">{s('scan')}</h2>
      <p role="status">{s(said)}</p>
      <video ref={video} muted playsInline />
      <button type="button" class="big" onClick={() => dialog.current?.close()}>{common('cancel')}</button>
    </dialog>
  )
}
