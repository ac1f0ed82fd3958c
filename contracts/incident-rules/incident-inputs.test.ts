import { expect, test } from 'vitest';
import { inputsFromIncident } from './incident-inputs.ts';

const incident = { key: 'INC-7', severity: 'sev1', service: null, hosts: ['web-1'], labels: { job: 'node' } };

test('declared inputs of the incident’s names take what it says, in their type, unless they are given', () => {
  expect(
    inputsFromIncident(
      [
        { name: 'key', type: 'string' },
        { name: 'severity', type: 'string' },
        { name: 'hosts', type: 'servers' },
        { name: 'labels', type: 'object' },
        { name: 'incident', type: 'object' },
        { name: 'service', type: 'string' },
        { name: 'other', type: 'string' },
      ],
      incident,
      { severity: 'given' },
    ),
  ).toEqual({ key: 'INC-7', severity: 'given', hosts: ['web-1'], labels: { job: 'node' }, incident });
});

test('what would not fit is left out: another type, a secret, a map with fields of its own', () => {
  expect(
    inputsFromIncident(
      [
        { name: 'key', type: 'integer' },
        { name: 'severity', type: 'secret' },
        { name: 'hosts', type: 'string' },
        { name: 'labels', type: 'object', fields: [{ name: 'team', type: 'string' }] },
      ],
      incident,
      {},
    ),
  ).toEqual({});
});
