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
  cancelled: ['已取消的班次', 'Cancelled duties'],
  cancelled_now: ['您有班次被取消，请查看原因。', 'A duty of yours was cancelled; see why below.'],
  // on call
  on_call: ['待命', 'On call'],
  on_call_line: ['在家待命，有人缺勤时优先询问您；待命计积分。', 'At home: you are asked first when somebody can’t come. It earns credit.'],
  on_call_in: ['{town} 待命', 'On call for {town}'],
  not_on_call: ['不能待命', 'Not on call'],
  // swaps
  swaps: ['换班', 'Swaps'],
  swap: ['换班', 'Swap'],
  no_swaps: ['没有换班。在班次下点“换班”即可发起。', 'No swaps. Press “Swap” below a shift to begin one.'],
  offer_swap: ['换班', 'Swap'],
  offer_it: ['发起', 'Offer it'],
  to_whom: ['给谁', 'To whom'],
  to_all: ['所有可以接的人', 'All who could take it'],
  note: ['附言（可不填）', 'Note (may stay empty)'],
  swap_offered: ['已发起换班，等待别人接班。', 'Offered; somebody may take it now.'],
  somebody_offers: ['有人想换班', 'Somebody gives a duty away'],
  name_offers: ['{name} 想换班', '{name} gives a duty away'],
  mine: ['我发起的换班', 'My swap'],
  mine_to: ['我发起的换班 → {name}', 'My swap → {name}'],
  in_return: ['换回：{what}', 'In return: {what}'],
  take_over: ['接班', 'Take it over'],
  propose: ['提出交换', 'Propose the exchange'],
  give_back: ['用我的班次交换', 'One of mine in return'],
  nothing_back: ['不交换，直接接班', 'None: just take it over'],
  swap_taken: ['已接班。如需民警同意，请等待通知。', 'Taken. Where an officer must agree, please wait for word.'],
  swap_proposed: ['已提出，等待对方同意。', 'Proposed; the other must agree.'],
  agree: ['同意交换', 'Agree'],
  no_thanks: ['不同意', 'No'],
  swap_cancel: ['撤回换班', 'Withdraw'],
})

export const absenceKind = codes({
  illness: ['生病', 'Illness'],
  leave: ['有事请假', 'Leave'],
})

export const swapState = codes({
  open: ['等人接班', 'Open'],
  proposed: ['等待发起人同意', 'Waits for its owner'],
  agreed: ['等待民警同意', 'Waits for an officer'],
  done: ['已换班', 'Done'],
  cancelled: ['已撤回', 'Withdrawn'],
  expired: ['已失效', 'Over'],
  refused: ['民警未同意', 'Refused'],
})

export const offerState = codes({
  asked: ['待答复', 'Waiting for you'],
  accepted: ['已接下', 'Taken'],
  declined: ['已谢绝', 'Declined'],
  expired: ['未答复', 'Not answered'],
  withdrawn: ['已有人接下或不再需要', 'Taken by somebody else, or no longer needed'],
  refused: ['未能接下', 'Could not be taken'],
})
