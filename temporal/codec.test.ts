import { expect, test } from 'vitest';
import { memoryKeyStore } from '#system/vault/key-store.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { SealingCodec, openPayload, ownerOf } from './codec.ts';

const vault = await createVault({ masterKeys: parseMasterKeys(newMasterKey(), 'test'), keys: memoryKeyStore() });
const one = '01a1fd00-2684-70ca-ac4c-20b0de7f696d';
const other = '01a1fd00-2684-70ca-ac4c-20b0de7f6900';
const text = new TextEncoder();
const payload = (value: unknown) => ({
  metadata: { encoding: text.encode('json/plain') },
  data: text.encode(JSON.stringify(value)),
});
const of = (workflowId: string) => ({ type: 'workflow' as const, namespace: 'default', workflowId });
const readable = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

test('a payload is unreadable on the wire and comes back whole', async () => {
  const codec = new SealingCodec(vault);
  codec.remember('run-1', one);
  const [sealed] = await codec.encode([payload({ canary: 'do not show' })], of('run-1'));
  expect(readable(sealed?.data)).not.toContain('canary');
  expect(readable(sealed?.metadata?.['scope'])).toBe(one);
  const [opened] = await codec.decode([sealed ?? {}], of('run-1'));
  expect(JSON.parse(readable(opened?.data))).toEqual({ canary: 'do not show' });
  expect(readable(opened?.metadata?.['encoding'])).toBe('json/plain');
});

test('an input that names its workspace is sealed for it, also before anybody was told', async () => {
  const codec = new SealingCodec(vault);
  const [sealed] = await codec.encode([payload({ workspaceId: other, x: 1 })], of('child-1'));
  expect(ownerOf(sealed ?? {})).toEqual({ scope: other, workflowId: 'child-1' });
  // What follows in the same workflow belongs to it as well.
  const [next] = await codec.encode([payload('a result')], of('child-1'));
  expect(ownerOf(next ?? {}).scope).toBe(other);
});

test('another process learns the workspace from the first payload it reads', async () => {
  const [writer, reader] = [new SealingCodec(vault), new SealingCodec(vault)];
  writer.remember('run-2', one);
  await reader.decode(await writer.encode([payload(1)], of('run-2')), of('run-2'));
  const [answer] = await reader.encode([payload(2)], of('run-2'));
  expect(ownerOf(answer ?? {}).scope).toBe(one);
});

test('a payload of another workflow, one that was altered, and one that is not ours are refused', async () => {
  const codec = new SealingCodec(vault);
  codec.remember('run-3', one);
  const [sealed] = await codec.encode([payload('x')], of('run-3'));
  if (!sealed?.data) throw new Error('nothing was sealed');
  await expect(codec.decode([sealed], of('run-4'))).rejects.toThrow('another workflow');
  const moved = { ...sealed, metadata: { ...sealed.metadata, scope: text.encode(other) } };
  await expect(openPayload(vault, moved)).rejects.toThrow('could not be opened');
  const last = sealed.data.length - 1;
  const altered = { ...sealed, data: Uint8Array.from(sealed.data, (byte, at) => (at === last ? byte ^ 1 : byte)) };
  await expect(openPayload(vault, altered)).rejects.toThrow('could not be opened');
  await expect(codec.decode([payload('clear')], of('run-3'))).rejects.toThrow('not sealed by this product');
});

test('the result of one execution of a schedule opens in the next, and in no other schedule', async () => {
  const codec = new SealingCodec(vault);
  const scheduled = (schedule: string, time: string) => of(`schedule/${one}/${schedule}-${time}`);
  const [result] = await codec.encode([payload({ runId: 'r' })], scheduled(other, '2026-11-21T07:57:49Z'));
  const next = scheduled(other, '2026-11-21T07:57:54Z');
  expect(JSON.parse(readable((await codec.decode([result ?? {}], next))[0]?.data))).toEqual({ runId: 'r' });
  await expect(codec.decode([result ?? {}], scheduled(one, '2026-11-21T07:57:54Z'))).rejects.toThrow(
    'another workflow',
  );
});
