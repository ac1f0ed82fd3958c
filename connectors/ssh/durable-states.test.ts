import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureUser, removeUser, smallDisk } from '#tests/kit/sshd.ts';
import { needProgram } from '#tests/kit/os-packages.ts';
import { collect, startSshHosts, untilOutput, type SshHosts } from '#tests/kit/ssh-hosts.ts';
import { readPlain } from './exec.ts';
import { cancelCommand, endCommands, followCommand, runCommand, sweepMarkers } from './durable.ts';

const isRoot = process.getuid?.() === 0;
let ssh: SshHosts;
beforeAll(async () => {
  ssh = await startSshHosts({ hosts: 8 });
});
afterAll(() => ssh.stop());

const marker = (key: string, on = 0) => `${ssh.host(on).home}/.cache/windlass/${key}`;
const problem = (events: AsyncIterable<unknown>) =>
  (async () => {
    for await (const _ of events);
    return undefined;
  })().catch((error: unknown) => error);

/** Starts a command that goes on for a while, and leaves it. */
async function begin(key: string, command = 'echo out; sleep 20', on = 0): Promise<number> {
  const following = followCommand(ssh.pool, ssh.target(on), { key, command });
  let pid = 0;
  for await (const event of following) {
    if (event.kind === 'begun') pid = event.pid;
    if (event.kind === 'output') break; // leaves
  }
  return pid;
}
const attach = (key: string, on = 0) =>
  problem(followCommand(ssh.pool, ssh.target(on), { key, command: 'echo again >>"$HOME/again"' }, { isBegun: true }));
const changeClaim = (key: string, change: (words: string[]) => string[]) => {
  const words = readFileSync(`${marker(key)}/claim`, 'utf8')
    .trim()
    .split(' ');
  writeFileSync(`${marker(key)}/claim`, `${change(words).join(' ')}\n`);
};

describe.concurrent('what cannot be known is said, and nothing is started', () => {
  test('another boot id: the host was restarted', async () => {
    await begin('s.boot.h.1');
    changeClaim('s.boot.h.1', (words) => words.with(3, '00000000-0000-0000-0000-000000000000'));
    expect(await attach('s.boot.h.1')).toMatchObject({ code: 'command.host_rebooted', facts: { reason: 'reboot' } });
  });

  test('another boot id and another host name: the address leads to several machines', async () => {
    await begin('s.other.h.1');
    changeClaim('s.other.h.1', (words) => words.with(3, '00000000-0000-0000-0000-000000000000').with(4, 'elsewhere'));
    expect(await attach('s.other.h.1')).toMatchObject({ code: 'command.outcome_unknown' });
  });

  test('a pid that now belongs to another process is not taken for the command', async () => {
    await begin('s.pid.h.1');
    changeClaim('s.pid.h.1', (words) => words.with(1, String(process.pid)));
    expect(await attach('s.pid.h.1')).toMatchObject({ code: 'command.outcome_unknown', facts: { reason: 'process' } });
  });

  test('an empty claim is waited for, then given up', async () => {
    await begin('s.empty.h.1');
    writeFileSync(`${marker('s.empty.h.1')}/claim`, '');
    expect(await attach('s.empty.h.1')).toMatchObject({ code: 'command.outcome_unknown', facts: { reason: 'claim' } });
  });

  test('a command whose supervisor was killed alone is followed while it lives, then its end is unknown', async () => {
    const key = 's.super.h.1';
    const pid = await begin(key, 'echo out; sleep 2');
    // All shells of the program but the command's own: what waits for its exit code among them.
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry) || Number(entry) === pid) continue;
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`, 'latin1');
        if (line.includes('while IFS') && line.includes(`windlass\0${key}`)) process.kill(Number(entry), 'SIGKILL');
      } catch {
        // gone meanwhile
      }
    }
    expect(await attach(key)).toMatchObject({ code: 'command.outcome_unknown', facts: { reason: 'process' } });
  });

  test('no marker on a host that is up for a shorter time than the command is asked for: its start may be lost', async () => {
    const command = { key: 's.since.h.1', command: 'echo x >"$HOME/since"' };
    const since = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])) + 100;
    const lost = await problem(followCommand(ssh.pool, ssh.target(), command, { sinceSeconds: since }));
    expect(lost).toMatchObject({ code: 'command.host_rebooted', facts: { reason: 'reboot before marker' } });
    expect(existsSync(`${ssh.host().home}/since`)).toBe(false);
    expect((await ssh.follow(command, { sinceSeconds: 1 })).end.exitCode).toBe(0);
  });

  test('a starter that was stopped before it reserved the end cannot wipe out what another one’s command leaves there', async () => {
    const folder = marker('s.pad.h.1');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${folder}/end`, '');
    const command = { key: 's.pad.h.1', command: 'exit 6' };
    expect((await ssh.follow(command)).end.exitCode).toBe(6);
    expect(statSync(`${folder}/end`).size).toBe(128);
    // Any number of starters at once may find it empty; each adds its padding behind what is there.
    writeFileSync(`${folder}/end`, readFileSync(`${folder}/end`, 'utf8').split('\n', 1)[0] + `\n\n${' '.repeat(127)}`);
    expect((await ssh.follow(command)).end.exitCode).toBe(6);
  });

  test('a marker without a claim after an attach: the command is begun, once', async () => {
    mkdirSync(marker('s.bare.h.1'), { recursive: true, mode: 0o700 });
    writeFileSync(`${marker('s.bare.h.1')}/end`, `\n${' '.repeat(127)}`);
    const command = { key: 's.bare.h.1', command: 'echo x >>"$HOME/bare"' };
    const all = await Promise.all([ssh.follow(command, { isBegun: true }), ssh.follow(command, { isBegun: true })]);
    expect(all.map(({ end }) => end.exitCode)).toEqual([0, 0]);
    expect(readFileSync(`${ssh.host().home}/bare`, 'utf8')).toBe('x\n');
  });
});

describe.concurrent('the folder for the state', () => {
  test('modes are 0700 and 0600, and neither text nor environment is in it', async () => {
    const secret = 'hunter2-in-the-environment';
    const key = 's.modes.h.1';
    const following = ssh.follow(
      { key, command: 'echo "${#PASSWORD}"; echo err >&2; sleep 1', env: { PASSWORD: secret } },
      { on: 1 },
    );
    const seen = new Set<string>();
    for (let look = 0; look < 60; look++) {
      seen.add(execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }));
      await wait(15);
    }
    await following;
    expect([...seen].join('')).not.toMatch(/hunter2|PASSWORD/);
    const folder = marker(key, 1);
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
    for (const name of readdirSync(folder)) {
      expect((statSync(`${folder}/${name}`).mode & 0o777).toString(8)).toBe('600');
      expect(readFileSync(`${folder}/${name}`, 'latin1')).not.toMatch(/hunter2|PASSWORD/);
    }
  });

  test('a base that is a symlink is refused, another one is taken', async () => {
    const { home } = ssh.host(2);
    mkdirSync(`${home}/.cache`);
    mkdirSync(`${home}/elsewhere`);
    symlinkSync(`${home}/elsewhere`, `${home}/.cache/windlass`);
    const base = `/var/tmp/windlass-${process.getuid?.()}`;
    const key = `s.symlink${Date.now()}.h.1`;
    expect((await ssh.follow({ key, command: 'echo ok' }, { on: 2 })).stdout.toString()).toBe('ok\n');
    expect(readdirSync(`${home}/elsewhere`)).toEqual([]);
    expect(existsSync(`${base}/${key}`)).toBe(true);
    expect((statSync(base).mode & 0o777).toString(8)).toBe('700');
    // Later the home is as it should be: the same command is still met.
    rmSync(`${home}/.cache/windlass`);
    mkdirSync(`${home}/.cache/windlass`, { mode: 0o700 });
    expect((await ssh.follow({ key, command: 'echo ok' }, { on: 2 })).events[0]).toMatchObject({ isFresh: false });
    rmSync(`${base}/${key}`, { recursive: true });
  });

  test('a home with spaces, and one home shared by two hosts under two keys', async () => {
    const home = `${ssh.sshd.folder}/a home of two`;
    const own = await startSshHosts({ hosts: [{ home }, { home }] });
    const ends = await Promise.all(
      [0, 1].map((on) =>
        own.follow({ key: `run.step.host${on}.1`, command: 'echo x >>"$HOME/shared"; echo "$HOME"' }, { on }),
      ),
    );
    expect(ends.map(({ stdout }) => stdout.toString())).toEqual([`${home}\n`, `${home}\n`]);
    expect(readFileSync(`${home}/shared`, 'utf8')).toBe('x\nx\n');
    await own.stop();
  });

  test('the sweep removes what is old and over, and keeps what runs, what is young and what a symlink leads to', async () => {
    const on = 3;
    await ssh.follow({ key: 's.old.h.1', command: 'echo' }, { on });
    await ssh.follow({ key: 's.young.h.1', command: 'echo' }, { on });
    await begin('s.running.h.1', 'echo out; sleep 20', on);
    const base = `${ssh.host(on).home}/.cache/windlass`;
    // The follower we left has gone when what it noted there is gone.
    await expect
      .poll(() => readdirSync(`${base}/s.running.h.1`).filter((name) => name.startsWith('s')), { timeout: 20_000 })
      .toEqual([]);
    const aside = `${ssh.host(on).home}/aside`;
    mkdirSync(aside);
    symlinkSync(aside, `${base}/link`);
    const old = new Date(Date.now() - 9 * 86_400_000);
    for (const folder of [`${base}/s.old.h.1`, `${base}/s.running.h.1`, aside]) utimesSync(folder, old, old);
    expect(await sweepMarkers(ssh.pool, ssh.target(on))).toEqual({ removed: 1, kept: 1 });
    expect(readdirSync(base).sort()).toEqual(['link', 's.running.h.1', 's.young.h.1']);
    expect(await endCommands(ssh.pool, ssh.target(on), ['s.running.h.1', 's.young.h.1'])).toEqual({
      busy: ['s.running.h.1'],
    });
  });

  test('a full disk: all output lost but the exit code, or not started; with room again the same key starts', async () => {
    const { home } = ssh.host(4);
    const own = await startSshHosts({ hosts: [{ home, ...smallDisk(300) }, { home, ...smallDisk(0) }, { home }] });
    try {
      const command = { key: 's.full.h.1', command: 'head -c 2000000 /dev/zero; echo err >&2; exit 7' };
      const { end, stdout } = await own.follow(command, { on: 0, capBytes: Infinity });
      expect(end).toMatchObject({ exitCode: 7, isOutputLost: true });
      expect(stdout.length).toBeGreaterThan(100_000);
      const again = { key: 's.full.h.2', command: 'echo x >"$HOME/started"' };
      const more = await problem(followCommand(own.pool, own.target(1), again));
      expect(more).toMatchObject({ code: 'command.disk_full', retry: true });
      expect(existsSync(`${home}/started`)).toBe(false);
      expect((await own.follow(again, { on: 2 })).end.exitCode).toBe(0);
      expect(existsSync(`${home}/started`)).toBe(true);
    } finally {
      await own.stop();
    }
  });
});

describe.concurrent('accounts', () => {
  test('a menu, nologin and a login script that never ends give no shell; what they say is told', async () => {
    const own = await startSshHosts({
      hosts: [
        { forceCommand: 'echo welcome to the menu' },
        { loginShell: '/usr/sbin/nologin' },
        { forceCommand: 'sleep 30' },
      ],
    });
    const tries = [0, 1, 2].map((on) =>
      problem(followCommand(own.pool, own.target(on), { key: 's.menu.h.1', command: 'echo' }, { firstWordMs: 1_500 })),
    );
    const [menu, nologin, hung] = await Promise.all(tries);
    expect(menu).toMatchObject({ code: 'command.shell_missing', facts: { answer: 'welcome to the menu' } });
    expect(nologin).toMatchObject({
      code: 'command.shell_missing',
      facts: { answer: expect.stringContaining('not available') },
    });
    expect(hung).toMatchObject({ code: 'command.shell_missing' });
    await own.stop();
  });

  test('what a login script prints on both streams is neither output nor counted', async () => {
    const { home } = ssh.host(5);
    writeFileSync(`${home}/.bashrc`, 'echo noise out\necho noise err >&2\nprintf half\n');
    const own = await startSshHosts({ hosts: [{ home, loginShell: '/bin/bash' }] });
    writeFileSync(`${home}/noisy`, `#!/bin/sh\necho noise out; echo noise err >&2; printf half\nexec /bin/sh "$@"\n`);
    chmodSync(`${home}/noisy`, 0o755);
    const noisy = await startSshHosts({ hosts: [{ home, loginShell: `${home}/noisy` }] });
    for (const hosts of [own, noisy]) {
      const command = { key: `s.noise${hosts.host().port}.h.1`, command: 'echo out; echo err >&2' };
      expect(await hosts.follow(command)).toMatchObject({ stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') });
      const again = await hosts.follow(command, { isBegun: true, from: { stdout: 1, stderr: 2 } });
      expect([again.stdout.toString(), again.stderr.toString()]).toEqual(['ut\n', 'r\n']);
      await hosts.stop();
    }
  });

  test.runIf(isRoot)(
    'sudo (as root): another account runs it all, in its own base; a wrong or needless password',
    async () => {
      needProgram('sudo');
      // Names of this process alone: another run of these tests may be under way on the machine.
      const username = `windlass-t${process.pid}`;
      const rules = `/etc/sudoers.d/${username}`;
      ensureUser(username, { password: 'sesame' });
      writeFileSync(rules, `${username} ALL=(ALL) ALL\n`, { mode: 0o440 });
      const own = await startSshHosts({ hosts: [{ username }, {}] });
      const run = (command: string, password?: string, on = 0, user = 'root', key = `s.sudo${Math.random()}.h.1`) =>
        own.follow({ key, command, sudo: { user, password } }, { on });
      try {
        expect((await run('id -un', 'sesame')).stdout.toString()).toBe('root\n');
        await expect(run('id -un', 'wrong')).rejects.toMatchObject({ code: 'command.sudo_refused' });
        await expect(run('id -un')).rejects.toMatchObject({ code: 'command.sudo_refused' });
        const other = await run('id -un; printf "\\000\\377"; cat', 'needless', 1, 'nobody', 's.nobody.h.1');
        expect(other.stdout).toEqual(Buffer.from('nobody\n\0\xff', 'latin1'));
        // Cancel reaches what root runs for us, and a late begin under the same account meets it.
        const key = 's.rootly.h.1';
        const command = { key, command: 'echo up; sleep 60', sudo: { user: 'root', password: 'sesame' } };
        const events = followCommand(own.pool, own.target(), command);
        await untilOutput(events);
        const following = collect(events);
        const end = await cancelCommand(own.pool, own.target(), key, {
          graceSeconds: 30,
          sudo: { user: 'root', password: 'sesame' },
        });
        expect(end.signal).toBe('SIGTERM');
        expect((await following).end.signal).toBe('SIGTERM');
        // A plain command is ended too, with sudo in a terminal of its own (use_pty) and without.
        for (const usePty of ['use_pty', '!use_pty']) {
          writeFileSync(rules, `${username} ALL=(ALL) ALL\nDefaults:${username} ${usePty}\n`);
          const sudo = { user: 'root', password: 'sesame' };
          const late = readPlain(
            own.pool,
            own.target(),
            { command: 'sleep 62', sudo },
            { timeoutMs: 800, graceSeconds: 1 },
          );
          await expect(late).rejects.toMatchObject({ code: 'command.timed_out' });
          expect(execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })).not.toMatch(/^sleep 62$/m);
          // The connection drops: sudo takes its terminal away, which is a hangup for all that is still in it.
          const key = `s.hup${usePty.length}.h.1`;
          const seen: string[] = [];
          const end = await runCommand(
            own.pool,
            own.target(),
            { key, command: 'echo one; sleep 1.5; echo two; exit 5', sudo },
            {
              onEvent: (event) => {
                if (event.kind !== 'output') return;
                if (seen.push(event.bytes.toString()) === 1) own.sshd.dropConnections();
              },
            },
          );
          expect([seen.join(''), end.exitCode]).toEqual(['one\ntwo\n', 5]);
        }
        // A command that changes its user itself refuses our signal. What is left is ended by root here.
        const inner = 's.inner.h.1';
        let failed: unknown;
        const stubborn = { key: inner, command: 'echo sesame | sudo -S -p "" sleep 61' };
        const held = runCommand(own.pool, own.target(), stubborn).catch((error: unknown) => (failed = error));
        const isThere = (): boolean =>
          /^sleep 61$/m.test(execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }));
        for (const until = Date.now() + 20_000; failed === undefined && !isThere() && Date.now() < until;)
          await wait(50);
        expect([failed, isThere()]).toEqual([undefined, true]);
        await expect(cancelCommand(own.pool, own.target(), inner, { graceSeconds: 0 })).rejects.toMatchObject({
          code: 'command.cancel_denied',
        });
        for (const pid of execFileSync('pgrep', ['-f', '^sleep 61$'], { encoding: 'utf8' })
          .split('\n')
          .filter(Boolean)) {
          process.kill(Number(pid), 'SIGKILL');
        }
        await held;
      } finally {
        await own.stop();
        rmSync(rules);
        removeUser(username);
        rmSync('/var/tmp/windlass-65534', { recursive: true, force: true });
      }
    },
  );
});
