/** What stands in the way of a duty, in both languages, with its figures. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setLanguage } from '../src/i18n.ts'
import { problemText } from '../src/problems.ts'
import { ruleText, rulesText } from '../src/rules.ts'

test('a rule is told with its figures, in the language of the page', () => {
  const rest = { rule: 'rest', explanation: { hours: 7.5, limit: 11 } }
  setLanguage('zh')
  assert.equal(ruleText(rest), '两班之间只休息 7.5 小时，至少要 11 小时')
  setLanguage('en')
  assert.equal(ruleText(rest), 'only 7.5 h of rest between two duties, 11 h are needed')
})

test('the same rule reads differently by its reason', () => {
  setLanguage('en')
  const texts = ['leave', 'inactive', 'not_offered'].map((reason) => ruleText({ rule: 'available', explanation: { reason, start: 1, end: 2 } }))
  assert.equal(new Set(texts).size, 3)
  assert.match(ruleText({ rule: 'night_consent', explanation: { consent: 'yes', age: 61 } }), /18 to 59/)
  assert.match(ruleText({ rule: 'nights', explanation: { nights: 3, pause: 20 } }), /20 h of rest after three nights/)
})

test('each broken rule is told once, an unknown one by its code, and none is no sentence', () => {
  setLanguage('zh')
  const violations = [
    { rule: 'one_place', explanation: { at: 1 } }, { rule: 'one_place', explanation: { at: 2 } }, { rule: 'new_rule', explanation: {} },
  ]
  assert.equal(rulesText(violations), '不能这样排：同一时间已有别的班次；new_rule。')
  assert.equal(rulesText([]), null)
  assert.equal(problemText('rule_broken', 'x', { violations }), rulesText(violations))
  assert.match(problemText('rule_broken', 'x'), /x/)
})
