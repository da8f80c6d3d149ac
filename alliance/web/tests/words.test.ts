import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { labelled, language, listed } from '../src/i18n.ts'
import { causeText, placeText } from '../src/words.ts'

afterEach(() => {
  language.value = 'zh'
})

test('several names and a label are written as the language does', () => {
  assert.equal(labelled('参与', listed(['林志愿', '黄同班'])), '参与：林志愿、黄同班')
  language.value = 'en'
  assert.equal(labelled('With', listed(['Lin', 'Huang'])), 'With: Lin, Huang')
})

test('a patrol that bears its beat’s name says it once, a fixed post says where it is', () => {
  assert.equal(placeText({ beat_name: '一所1号', post_name: '一所1号巡逻' }), '一所1号巡逻')
  assert.equal(placeText({ beat_name: '一所1号', post_name: '北门' }), '一所1号 · 北门')
  language.value = 'en'
  assert.equal(placeText({ beat_name: '一所1号', beat_name_en: 'Beat 1', post_name: '一所1号巡逻', post_name_en: 'Beat 1 patrol' }), 'Beat 1 patrol')
  assert.equal(placeText({ beat_name: '一所1号', beat_name_en: 'Beat 1', post_name: '北门', post_name_en: '' }), 'Beat 1 · 北门')
})

test('a reason that only says the cause again is left out, in both languages', () => {
  assert.equal(causeText('no_show', '未到岗'), '未到岗')
  assert.equal(causeText('moved', '17'), '调往别处')
  assert.equal(causeText('illness', '发烧'), '生病 · 发烧')
  language.value = 'en'
  assert.equal(causeText('no_show', '未到岗'), 'No-show')
  assert.equal(causeText('leave', 'family'), 'Leave · Family leave')
})
