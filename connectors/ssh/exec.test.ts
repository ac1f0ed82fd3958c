import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSshHosts, type SshHosts } from '#tests/kit/ssh-hosts.ts';
import { checkHost } from './check.ts';
import { readPlain, runPlain } from './exec.ts';
import { uploadFile } from './upload.ts';

let ssh: SshHosts;
beforeAll(async () => {
  ssh = await startSshHosts({ hosts: [{}, { loginShell: '/bin/bash' }, { forceCommand: '/bin/false' }] });
});
afterAll(() => ssh.stop());
const home = (file: string) => `${ssh.host().home}/${file}`;

test('a plain command gives output live, its exit code, its signal, and takes environment, folder and stdin', async () => {
  const seen: string[] = [];
  const end = await runPlain(
    ssh.pool,
    ssh.target(),
    { command: 'echo first; cat; pwd; echo "$A" >&2; exit 3', env: { A: `it's "a"\nb` }, cwd: '/tmp', stdin: "x'y\n" },
    { onOutput: (stream, bytes) => seen.push(`${stream}: ${bytes.toString()}`) },
  );
  expect(end).toMatchObject({ exitCode: 3, signal: null });
  expect(
    seen
      .filter((line) => line.startsWith('stdout'))
      .join('')
      .replaceAll('stdout: ', ''),
  ).toBe("first\nx'y\n/tmp\n");
  expect(
    seen
      .filter((line) => line.startsWith('stderr'))
      .join('')
      .replaceAll('stderr: ', ''),
  ).toBe(`it's "a"\nb\n`);
  expect(await readPlain(ssh.pool, ssh.target(), { command: 'kill -KILL $$' })).toMatchObject({
    exitCode: null,
    signal: 'SIGKILL',
  });
});

test('binary passes through a plain command unchanged, and output beyond the cap is counted', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 11) % 256));
  const out: Buffer[] = [];
  const end = await runPlain(
    ssh.pool,
    ssh.target(),
    { command: 'cat' },
    {
      stdinBytes: bytes,
      onOutput: (_stream, chunk) => out.push(chunk),
      capBytes: 200_000,
    },
  );
  expect(Buffer.concat(out)).toEqual(bytes.subarray(0, 200_000));
  expect(end.totals.stdout).toBe(300_000);
});

test('at its time limit, or when it is no longer wanted, the whole process group is ended', async () => {
  const command = 'trap "" TERM; sleep 71 & sleep 71';
  await expect(
    readPlain(ssh.pool, ssh.target(), { command }, { timeoutMs: 300, graceSeconds: 1 }),
  ).rejects.toMatchObject({
    code: 'command.timed_out',
    facts: { limitMs: 300 },
  });
  const stop = new AbortController();
  const running = readPlain(ssh.pool, ssh.target(), { command: 'sleep 71' }, { signal: stop.signal, graceSeconds: 1 });
  setTimeout(() => stop.abort(), 200);
  await expect(running).rejects.toThrow('abort');
  await expect
    .poll(() => execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }), { timeout: 20_000 })
    .not.toMatch(/^sleep 71$/m);
});

test('neither the text of a command, nor its environment, nor a script’s body is in ps', async () => {
  const running = readPlain(ssh.pool, ssh.target(), { command: ': hunter3; sleep 1', env: { P: 'hunter4' } });
  const script = readPlain(ssh.pool, ssh.target(), {
    script: { body: ': hunter5; sleep 1; echo $1 >&2', args: ['seen'] },
  });
  let seen = '';
  for (let look = 0; look < 40; look++) {
    seen += execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
    await wait(20);
  }
  expect(seen).not.toMatch(/hunter/);
  await running;
  expect((await script).stderr).toBe('seen\n');
});

test('an upload replaces the file at once, keeps mode and a backup, and leaves the same content alone', async () => {
  const put = (content: string, more = {}) =>
    uploadFile(ssh.pool, ssh.target(), { path: 'conf/app.txt', content: Buffer.from(content, 'latin1'), ...more });
  await expect(put('x')).rejects.toMatchObject({
    code: 'upload.refused',
    facts: { reason: expect.stringMatching(/no such|nonexistent/i) },
  });
  mkdirSync(home('conf'));
  const first = await put('one\0\xff');
  expect(first).toMatchObject({ changed: true, backup: null, bytes: 5 });
  expect(readFileSync(home('conf/app.txt'), 'latin1')).toBe('one\0\xff');
  chmodSync(home('conf/app.txt'), 0o640);
  expect(await put('one\0\xff', { backup: true })).toEqual({ ...first, changed: false });
  const second = await put('two', { backup: true });
  expect(second.changed).toBe(true);
  expect(readFileSync(second.backup ?? '', 'latin1')).toBe('one\0\xff');
  expect((statSync(home('conf/app.txt')).mode & 0o777).toString(8)).toBe('640');
  await put('two', { mode: '0604' });
  expect((statSync(home('conf/app.txt')).mode & 0o777).toString(8)).toBe('604');
  symlinkSync(home('conf/app.txt'), home('conf/link'));
  await uploadFile(ssh.pool, ssh.target(), { path: home('conf/link'), content: Buffer.from('through') });
  expect(readFileSync(home('conf/app.txt'), 'utf8')).toBe('through');
  expect(
    readdirSync(home('conf')).filter((name) => !/^(?:app\.txt|link|app\.txt\.windlass-backup-.*)$/.test(name)),
  ).toEqual([]);
  const odd = `conf/it's "odd" $x`;
  await uploadFile(ssh.pool, ssh.target(), { path: odd, content: Buffer.alloc(2_000_000, 7) });
  expect(statSync(home(odd)).size).toBe(2_000_000);
  await expect(put('x', { mode: 'rw' })).rejects.toMatchObject({ code: 'upload.refused' });
});

test('a check tells what the host is and whether it can work; what is wrong is told, not thrown', async () => {
  writeFileSync(`${ssh.host(1).home}/.bashrc`, 'echo hello from bashrc; sleep 0.3\n');
  const [good, slow, closed] = await Promise.all(
    [0, 1, 2].map((on) => checkHost(ssh.pool, ssh.target(on), { sweep: true })),
  );
  expect(good).toMatchObject({ reachable: true, authOk: true, problem: null, hasSetsid: true, noise: '' });
  expect(good?.facts).toMatchObject({
    arch: expect.any(String),
    cpus: expect.any(Number),
    diskUsedPercent: expect.any(Number),
    cpuUsedPercent: expect.any(Number),
  });
  expect(good?.stateFolder).toBe(home('.cache/windlass'));
  expect(good?.hostKey?.fingerprint).toMatch(/^SHA256:/);
  expect(slow).toMatchObject({ authOk: true, noise: expect.stringContaining('hello from bashrc') });
  expect(slow?.shellMs).toBeGreaterThan(290);
  expect(closed).toMatchObject({ reachable: true, authOk: true, problem: { code: 'command.shell_missing' } });
  const away = await checkHost(ssh.pool, ssh.target(0, { port: 1 }));
  expect(away).toMatchObject({ reachable: false, authOk: false, problem: { code: 'ssh.unreachable' } });
  const stranger = await checkHost(
    ssh.pool,
    ssh.target(0, { login: { username: 'stranger', privateKey: ssh.sshd.privateKey } }),
  );
  expect(stranger).toMatchObject({ reachable: true, authOk: false, problem: { code: 'ssh.auth_refused' } });
});
