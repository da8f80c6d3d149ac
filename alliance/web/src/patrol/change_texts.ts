/** The phone page's words for what happens to a published roster. */
import { codes, dictionary } from '../i18n.ts'

export const c = dictionary({
  offers: ['请您补岗', 'Can you take this?'],
  offer: ['补岗邀请', 'Offer'],
  left: ['还剩 {time}', '{time} left'],
  run_out: ['时间已到', 'Time is up'],
  take_it: ['我来', 'I’ll take it'],
  not_me: ['不能来', 'I can’t'],
  why_extra: ['需要增加人手', 'more people are needed'],
  why_absent: ['有人不能到岗', 'somebody can’t come'],
  standby_first: ['您在待命，优先询问您', 'You are on call and asked first'],
  taken: ['已排入您的班次。', 'It is in your shifts now.'],
  answered: ['最近的邀请', 'Recent offers'],
  seconds: ['{m} 分 {s} 秒', '{m} min {s} s'],
  cannot_come: ['我来不了', 'I can’t come'],
  cannot_come_title: ['这个班次来不了', 'Can’t come to this shift'],
  cannot_come_line: ['班次将取消，并立即请别人补岗。', 'The duty is cancelled, and others are asked at once.'],
  why: ['原因', 'Reason'],
  told: ['已告知，班次已取消。', 'Told; the duty is cancelled.'],
})

export const absenceKind = codes({
  illness: ['生病', 'Illness'],
  leave: ['有事请假', 'Leave'],
})

export const offerState = codes({
  asked: ['待答复', 'Waiting for you'],
  accepted: ['已接下', 'Taken'],
  declined: ['已谢绝', 'Declined'],
  expired: ['未答复', 'Not answered'],
  withdrawn: ['已有人接下或不再需要', 'Taken by somebody else, or no longer needed'],
  refused: ['未能接下', 'Could not be taken'],
})
