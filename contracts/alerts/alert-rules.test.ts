import { expect, test } from 'vitest';
import { AlertRule, applyRule, checkRule, groupKeyOf } from './alert-rules.ts';
import type { IncomingAlert } from './incoming-alert.ts';

const alert: IncomingAlert = {
  key: 'k1',
  groupKey: 'g1',
  status: 'firing',
  severity: 'high',
  title: 'Disk full',
  description: '',
  labels: { env: 'prod', host: 'db-1', level: 'P1' },
  startsAt: null,
  endsAt: null,
  links: [],
};
const rule = (fields: object) => AlertRule.parse({ name: 'r', when: 'alert.labels.env == "prod"', ...fields });
const hit = (fields: object, of = alert) => applyRule(rule(fields), of, 'prom', 0);

test('a rule that holds says severity, service and title; what it leaves open is the alert’s own', () => {
  expect(hit({})).toEqual({
    outcome: 'incident',
    severity: 'sev2',
    service: null,
    title: 'Disk full',
    groupKey: '["prom","g1"]',
  });
  expect(
    hit({ severity: '"sev1"', service: 'alert.labels.host.split("-")[0]', title: '"Disk of " + alert.labels.host' }),
  ).toMatchObject({
    severity: 'sev1',
    service: 'db',
    title: 'Disk of db-1',
  });
  expect(hit({ severity: 'alert.labels.level' })).toMatchObject({ severity: 'sev1' });
});

test('one that does not hold says nothing; one that fails on an alert says why and is passed over', () => {
  expect(hit({ when: 'alert.severity == "critical"' })).toBeNull();
  expect(hit({ when: 'alert.place.region == "eu"' })).toMatchObject({ failed: expect.stringContaining('place') });
});

test('a label that is not there is empty, and still not there to whoever asks', () => {
  expect(hit({ when: 'alert.labels.region == "eu"' })).toBeNull();
  expect(hit({ when: 'alert.labels["region"] != "eu"', service: 'alert.labels.team' })).toMatchObject({
    service: null,
  });
  expect(hit({ when: '!("region" in alert.labels) && !has(alert.labels.region)' })).toMatchObject({
    title: 'Disk full',
  });
});

test('alerts come together by the labels named, else by the sender’s group, else each by itself', () => {
  expect(groupKeyOf(rule({ groupBy: ['env', 'rack'] }), alert, 'prom')).toBe('[["env","prod"],["rack",""]]');
  expect(groupKeyOf(rule({}), { ...alert, groupKey: null }, 'prom')).toBe('["prom","k1"]');
  expect(groupKeyOf(rule({}), alert, 'other')).not.toBe(groupKeyOf(rule({}), alert, 'prom'));
});

test('what cannot be read and names that are not there are told by field when a rule is saved', () => {
  expect(checkRule(rule({}))).toEqual([]);
  expect(checkRule(rule({ when: 'alert.', service: 'host' })).map(({ path }) => path)).toEqual(['when', 'service']);
});
