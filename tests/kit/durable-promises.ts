import { setTimeout as wait } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShellKind } from './sshd.ts';
import { collect, startSshHosts, untilOutput, type SshHosts } from './ssh-hosts.ts';
import { cancelCommand, endCommands, followCommand, runCommand } from '#connectors/ssh/durable.ts';
import { SshPool } from '#connectors/ssh/pool.ts';

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What durable commands promise, held on one kind of shell; a file each, so that they run beside each other. */
export function holdPromises(shell: ShellKind): void {
  let ssh: SshHosts;
  let n = 0;
  const key = () => `run.step.host.${++n}`;
  const home = (file: string) => `${ssh.host().home}/${file}`;
  beforeAll(async () => {
    ssh = await startSshHosts({ hosts: [{ shell }] });
  });
  afterAll(() => ssh.stop());

  test('output is exact: none, no final newline, NUL and binary, a line of 1 MB', async () => {
    expect(await ssh.follow({ key: key(), command: ':' })).toMatchObject({
      end: { exitCode: 0, totals: { stdout: 0, stderr: 0 } },
    });
    expect((await ssh.follow({ key: key(), command: "printf 'a\\nb'" })).stdout.toString()).toBe('a\nb');
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    writeFileSync(home('bytes'), bytes);
    const both = await ssh.follow({ key: key(), command: 'cat "$HOME/bytes"; cat "$HOME/bytes" >&2' });
    expect([sha(both.stdout), sha(both.stderr)]).toEqual([sha(bytes), sha(bytes)]);
    const long = await ssh.follow(
      { key: key(), command: 'head -c 1000000 /dev/zero | tr "\\0" x; echo' },
      { capBytes: 2_000_000 },
    );
    expect(long.stdout.toString()).toBe(`${'x'.repeat(1_000_000)}\n`);
  });

  test('exit codes and signals are told as they are, also the codes that the program itself uses', async () => {
    const codes = [0, 1, 96, 97, 98, 127, 255];
    const ends = await Promise.all(codes.map((code) => ssh.follow({ key: key(), command: `exit ${code}` })));
    expect(ends.map(({ end }) => end.exitCode)).toEqual(codes);
    const signals = ['TERM', 'KILL', 'HUP', 'PIPE', 'SEGV', 'INT'];
    const killed = await Promise.all(signals.map((name) => ssh.follow({ key: key(), command: `kill -${name} $$` })));
    expect(killed.map(({ end }) => end.signal)).toEqual(signals.map((name) => `SIG${name}`));
    expect(killed.map(({ stderr }) => stderr.toString()).join('')).toBe('');
  });

  test('the two streams stay apart, in the order in which they were written', async () => {
    const { events, stdout, stderr } = await ssh.follow({
      key: key(),
      command: 'for i in 1 2 3; do echo o$i; sleep 0.15; echo e$i >&2; sleep 0.15; done',
    });
    expect([stdout.toString(), stderr.toString()]).toEqual(['o1\no2\no3\n', 'e1\ne2\ne3\n']);
    const order = events
      .flatMap((event) => (event.kind === 'output' ? [event.bytes.toString().trim()] : []))
      .filter(Boolean);
    expect(order).toEqual(['o1', 'e1', 'o2', 'e2', 'o3', 'e3']);
  });

  test('a script that writes to /dev/stderr or is 50 kB long or ends by exec is run as its author thinks', async () => {
    const reopened = await ssh.follow({ key: key(), command: 'echo one >&2; echo two >>/dev/stderr; echo three >&2' });
    expect(reopened.stderr.toString()).toBe('one\ntwo\nthree\n');
    const long = await ssh.follow({
      key: key(),
      command: `x='${'é'.repeat(25_000)}'\necho \${#x} | wc -l; exec echo done`,
    });
    expect(long.stdout.toString().trim()).toMatch(/^1\s+done$/);
    const own = await ssh.follow({
      key: key(),
      command: 'trap "echo bye" EXIT; set -e; echo $0 $#; [ $$ -eq "$(sh -c \'echo $PPID\')" ] && false',
    });
    expect([own.stdout.toString(), own.end.exitCode]).toEqual(['windlass 0\nbye\n', 1]);
  });

  test('environment, folder, umask and stdin are what was asked for, and nothing of ours', async () => {
    const odd = `it's "$HOME" \`x\` \\ \nsecond line é`;
    const { stdout } = await ssh.follow({
      key: key(),
      command: 'printf "%s|" "$ODD"; pwd; umask; cat; set | grep "^w[A-Z_]" | cut -c1-20',
      env: { ODD: odd },
      cwd: '/tmp',
      stdin: "line 1\n\tit's line 2",
    });
    expect(stdout.toString()).toBe(`${odd}|/tmp\n0022\nline 1\n\tit's line 2`);
    const empty = await ssh.follow({ key: key(), command: 'read x; echo "$?"; echo "$WINDLASS_COMMAND"' });
    expect(empty.stdout.toString()).toBe(`1\nrun.step.host.${n}\n`);
    const large = 'x'.repeat(1_000_000);
    const counted = await ssh.follow({ key: key(), command: 'wc -c', stdin: large });
    expect(counted.stdout.toString().trim()).toBe('1000000');
  });

  test('a script gets its arguments one by one, whatever they hold, and its file is gone after it', async () => {
    const args = ["it's", '', '$HOME `x`', 'a  b\nc', '*'];
    const { stdout, end } = await ssh.follow({
      key: key(),
      script: { body: 'for a; do printf "<%s>" "$a"; done; exit 5', args },
    });
    expect([stdout.toString(), end.exitCode]).toEqual([args.map((arg) => `<${arg}>`).join(''), 5]);
    const marker = `run.step.host.${n}`;
    // The supervisor removes it once the command has ended, which may be a moment after we were told.
    const scripts = () => readdirSync(home(`.cache/windlass/${marker}`)).filter((name) => name.startsWith('script'));
    for (const until = Date.now() + 5_000; scripts().length > 0 && Date.now() < until;) await wait(20);
    expect(scripts()).toEqual([]);
  });

  test('five clients that begin at once start it once, and all get its output', async () => {
    for (let round = 0; round < 4; round++) {
      const name = key();
      const command = { key: name, command: `echo x >>"$HOME/race-${name}"; sleep 0.1; echo out` };
      const all = await Promise.all(Array.from({ length: 5 }, () => ssh.follow(command)));
      expect(all.map(({ stdout }) => stdout.toString())).toEqual(Array.from({ length: 5 }, () => 'out\n'));
      expect(all.filter(({ events }) => events.some((event) => event.kind === 'begun' && event.isFresh))).toHaveLength(
        1,
      );
      expect(readFileSync(home(`race-${name}`), 'utf8')).toBe('x\n');
    }
  });

  test('a late attempt goes on from its offset, and a tombstone is met instead of a second start', async () => {
    const command = { key: key(), command: 'echo x >>"$HOME/tomb"; printf 0123456789; exit 3' };
    await ssh.follow(command);
    const rest = await ssh.follow(command, { isBegun: true, from: { stdout: 4, stderr: 0 } });
    expect([rest.stdout.toString(), rest.end.exitCode]).toEqual(['456789', 3]);
    expect(await endCommands(ssh.pool, ssh.target(), [command.key, 'never.was.here.1'], { sh: ssh.host().sh })).toEqual(
      { busy: [] },
    );
    expect(readdirSync(home(`.cache/windlass/${command.key}`)).sort()).toEqual(['claim', 'end']);
    const late = await ssh.follow(command);
    expect([late.stdout.toString(), late.end.exitCode]).toEqual(['', 3]);
    expect(readFileSync(home('tomb'), 'utf8')).toBe('x\n');
  });

  test('cancel ends what ignores TERM, what left the session, and what went into the background', async () => {
    const name = key();
    const daemon = 'trap "" TERM; while :; do echo alive >>"$HOME/daemon"; sleep 0.1; done';
    const command = `(setsid sh -c '${daemon}' >/dev/null 2>&1 &); nohup sh -c 'sleep 60' >/dev/null 2>&1 & trap '' TERM; echo up; while :; do sleep 0.1; done`;
    const events = followCommand(ssh.pool, ssh.target(), { key: name, command }, { sh: ssh.host().sh });
    await untilOutput(events);
    await expect.poll(() => readdirSync(ssh.host().home), { timeout: 20_000 }).toContain('daemon');
    const following = collect(events);
    const end = await cancelCommand(ssh.pool, ssh.target(), name, { graceSeconds: 1, sh: ssh.host().sh });
    expect(end).toMatchObject({ signal: 'SIGKILL' });
    expect(await following).toMatchObject({ end: { exitCode: 137 } });
    expect(withCookie(name)).toEqual([]);
    expect(await cancelCommand(ssh.pool, ssh.target(), name, { sh: ssh.host().sh })).toEqual(end); // twice changes nothing
  });

  test('cancel before the start takes the claim: a delayed begin never starts', async () => {
    const name = key();
    expect(await cancelCommand(ssh.pool, ssh.target(), name, { sh: ssh.host().sh })).toMatchObject({
      isCanceled: true,
    });
    const late = await ssh.follow({ key: name, command: 'echo x >"$HOME/never"' });
    expect(late.end.isCanceled).toBe(true);
    expect(() => statSync(home('never'))).toThrow('ENOENT');
  });

  test('the connection breaks five times in one command: both streams are exact, one start', async () => {
    const command = {
      key: key(),
      command:
        'echo x >>"$HOME/breaks"; i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo out $i; echo err $i >&2; sleep 0.01; done',
    };
    const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    let breaks = 0;
    const pool = new SshPool({ trustFirstUse: () => true });
    const end = await runCommand(pool, ssh.target(), command, {
      attempts: 20,
      sh: ssh.host().sh,
      onEvent: (event) => {
        if (event.kind !== 'output') return;
        out[event.stream] += event.bytes.toString();
        if (breaks < 5 && out.stdout.length > breaks * 100) {
          breaks++;
          ssh.sshd.dropConnections();
        }
      },
    });
    await pool.close();
    const lines = (word: string) => Array.from({ length: 100 }, (_, index) => `${word} ${index + 1}\n`).join('');
    expect(end.exitCode).toBe(0);
    expect(breaks).toBe(5);
    expect(out).toEqual({ stdout: lines('out'), stderr: lines('err') });
    expect(readFileSync(home('breaks'), 'utf8')).toBe('x\n');
  });

  test('past the cap the totals stay exact and the host keeps no more than the ring', async () => {
    const name = key();
    const command = { key: name, command: `head -c 120000000 /dev/zero; echo end` };
    const { end, stdout } = await ssh.follow(command, { capBytes: 100_000 });
    expect(stdout.length).toBe(100_000);
    expect(end).toMatchObject({
      exitCode: 0,
      totals: { stdout: 120_000_004 },
      isTruncated: { stdout: true, stderr: false },
    });
    const folder = home(`.cache/windlass/${name}`);
    // A follower's own file may go between the look at the folder and the look at the file.
    const sizeOf = (file: string) => statSync(`${folder}/${file}`, { throwIfNoEntry: false })?.size ?? 0;
    const kept = readdirSync(folder).reduce((sum, file) => sum + sizeOf(file), 0);
    expect(kept).toBeLessThan(73 * 1_048_576);
    // Who comes late with an offset that is gone is told where it goes on, exactly.
    const late = await ssh.follow(command, {
      isBegun: true,
      from: { stdout: 30_000_000, stderr: 0 },
      capBytes: Infinity,
    });
    const gap = late.events.find((event) => event.kind === 'gap');
    expect(gap).toMatchObject({ stream: 'stdout', fromByte: 30_000_000 });
    expect((gap?.endByte ?? 0) + late.stdout.length).toBe(120_000_004);
    expect(late.stdout.toString('latin1', late.stdout.length - 5)).toBe('\0end\n');
  });

  test('a child that keeps the output open does not hold the end back, and is not killed by it', async () => {
    const { end, stdout } = await ssh.follow({
      key: key(),
      command: '(sleep 3; echo late; echo x >"$HOME/late") & echo first',
    });
    expect(end).toMatchObject({ exitCode: 0, isOutputOpen: true, totals: { stdout: 6 } });
    expect(stdout.toString()).toBe('first\n');
    await expect.poll(() => readdirSync(ssh.host().home), { timeout: 20_000 }).toContain('late');
  });

  test('an attach never starts: without a marker the outcome is unknown', async () => {
    const following = followCommand(
      ssh.pool,
      ssh.target(),
      { key: key(), command: 'echo' },
      { isBegun: true, sh: ssh.host().sh },
    );
    await expect(following.next()).rejects.toMatchObject({
      code: 'command.outcome_unknown',
      facts: { reason: 'marker' },
    });
  });
}

/** Processes of this machine that carry the cookie of a command. */
function withCookie(key: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (
        !/^\d+$/.test(pid) ||
        !readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`WINDLASS_COMMAND=${key}`)
      )
        return false;
      return !execFileSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).startsWith('Z');
    } catch {
      return false;
    }
  });
}
