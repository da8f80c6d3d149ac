/** The phone page's words for checkpoints. */
import { codes, dictionary } from '../i18n.ts'
import { problemText } from '../problems.ts'

export const s = dictionary({
  checkpoint: ['巡更点', 'Checkpoint'],
  arrived: ['已到 {name}', 'You are at {name}'],
  counted: ['{time} 到点，已计入覆盖', 'at {time}; it counts as covered'],
  sending: ['{time} 已扫码，正在发送…', 'Scanned at {time}, sending…'],
  queued: ['{time} 已扫码，保存在本机，联网后自动发送', 'Scanned at {time}: kept on this phone, sent once there is a network'],
  not_in: ['您还没有签到，未签到时的扫码不会被接受。', 'You have not checked in; scans before that are not taken.'],
  refused: ['{time} 的扫码未被接受', 'The scan of {time} was refused'],
  sign_in: ['登录后记录这次扫码。', 'Sign in, and the scan is recorded.'],
  scan: ['扫巡更码', 'Scan a checkpoint'],
  aim: ['把摄像头对准巡更码。', 'Point the camera at the checkpoint’s code.'],
  no_camera: ['无法使用摄像头。请用手机自带的相机扫码。', 'The camera can’t be used. Scan with the phone’s own camera.'],
  other_code: ['这不是巡更码。', 'That is no checkpoint’s code.'],
})

const WHY = codes({
  unknown_key: ['这个码无效或已停用，请告诉派出所。', 'That code is not known or was revoked. Please tell the police room.'],
  off_duty: ['扫码时您不在岗。请先签到，再扫一次。', 'You were not on duty then. Check in, then scan again.'],
  no_consent: ['扫码会说明您在哪里：请先同意位置说明，再扫一次。', 'A scan tells where you are: agree to the position notice, then scan again.'],
  clock_ahead: ['手机时钟快了，请校准后再扫一次。', 'This phone’s clock is ahead. Set it right, then scan again.'],
})

/** Why a scan was refused, and what to do. */
export function scanRefusal(code: string, detail: string): string {
  const why = WHY(code)
  return why === code ? problemText(code, detail) : why
}
