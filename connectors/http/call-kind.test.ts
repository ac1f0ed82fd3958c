import { expect, test } from 'vitest';
import { callKind } from './call-kind.ts';

test('calls are of one kind whatever thing they are about', () => {
  const rows = (key: string) =>
    callKind('GET', `/rest/data/v1/customobjectdata/key/${key}/rowset?$page=2&$pagesize=50`);
  expect(rows('QC_01a2042a1674')).toBe('GET rest data v1 customobjectdata key rowset');
  expect(rows('QC_99')).toBe(rows('QC_01a2042a1674'));
  expect(callKind('POST', '/automation/v1/queries/3f2e8a51-6d1e-4d7e-8a37-0d6a2b1c4e5f/actions/start')).toBe(
    'POST automation v1 queries actions start',
  );
});

test('what one path leads to is told apart by its action and its method', () => {
  expect(callKind('POST', '/Service.asmx', 'Retrieve')).toBe('POST Retrieve');
  expect(callKind('POST', 'https://mc1.soap.example.com/Service.asmx', 'Create')).toBe('POST Create');
  expect(callKind('GET', '/amc/instances/amc1/workflows')).not.toBe(callKind('PUT', '/amc/instances/amc1/workflows'));
});
