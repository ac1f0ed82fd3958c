import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { ConfigFailure, loadConfig } from './config.ts';

const failureOf = (environment: Record<string, string>): ConfigFailure => {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigFailure) return error;
    throw error;
  }
  throw new Error('It was accepted.');
};

test('nothing set is a whole configuration', () => {
  expect(loadConfig({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    roles: ['api', 'main', 'ssh', 'query', 'agent'],
    temporalNamespace: 'default',
    corsOrigins: [],
    logLevel: 'info',
  });
});

test('each broken setting is one line that names it, and no line shows a value', () => {
  const { message, exitCode } = failureOf({
    PORT: 'hunter2',
    LOG_LEVEL: 'hunter2',
    DATABASE_URL: 'hunter2',
    WINDLASS_ROLES: 'api,hunter2',
  });
  const lines = message.split('\n');
  expect(lines).toHaveLength(4);
  for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'WINDLASS_ROLES'])
    expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
  expect(message).not.toContain('hunter2');
  expect(exitCode).toBe(78);
});

test('an empty value counts as not set', () => {
  expect(loadConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000, databaseUrl: undefined });
});

test('an own database needs both working roles, with or without the owner', () => {
  expect(failureOf({ DATABASE_URL: 'postgres://o:p@db/windlass' }).message.split('\n')).toHaveLength(2);
  expect(failureOf({ DATABASE_APP_URL: 'postgres://a:p@db/windlass' }).message).toMatch(
    /^DATABASE_SYSTEM_URL must be set/,
  );
});

test('passwords in addresses do not print', () => {
  const config = loadConfig({
    DATABASE_URL: 'postgres://o:hunter2@db/windlass',
    DATABASE_APP_URL: 'postgres://a:hunter2@db/windlass',
    DATABASE_SYSTEM_URL: 'postgres://s:hunter2@db/windlass',
    SMTP_URL: 'smtp://u:hunter2@mail:587',
    WINDLASS_MASTER_KEY: 'hunter2',
  });
  expect(inspect(config) + JSON.stringify(config)).not.toContain('hunter2');
  expect(config.databaseUrl?.reveal()).toContain('hunter2');
});

test('lists, durations, proxies and origins are read as people write them', () => {
  expect(
    loadConfig({
      WINDLASS_ROLES: ' api , ssh ',
      WINDLASS_ACCESS_TTL: '2h',
      WINDLASS_TRUST_PROXY: '2',
      WINDLASS_PUBLIC_URL: 'https://ops.example.org/',
    }),
  ).toMatchObject({
    roles: ['api', 'ssh'],
    accessTtlMs: 7_200_000,
    trustProxy: 2,
    publicUrl: 'https://ops.example.org',
  });
  expect(failureOf({ WINDLASS_ACCESS_TTL: '2d' }).message).toMatch(/from 1m to 24h/);
});
