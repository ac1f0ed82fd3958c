import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sshd } from '#tests/kit/sshd.ts';

const run = promisify(execFile);
const version = '2.19.14';

/** `ansible-core` from PyPI in a virtual environment of its own, installed once and kept in the user's cache. */
export async function needAnsible(say: (line: string) => void): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'windlass');
  const venv = join(cache, `ansible-core-${version}`);
  const program = join(venv, 'bin', 'ansible');
  if (existsSync(join(venv, 'installed'))) return program;
  say(`installing ansible-core ${version} (once) …`);
  mkdirSync(cache, { recursive: true });
  rmSync(venv, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', venv], { timeout: 120_000 });
  await run(
    join(venv, 'bin', 'pip'),
    ['install', '--quiet', '--disable-pip-version-check', `ansible-core==${version}`],
    { timeout: 300_000 },
  );
  writeFileSync(join(venv, 'installed.new'), version);
  renameSync(join(venv, 'installed.new'), join(venv, 'installed'));
  return program;
}

/** Runs `ansible -m command` with 50 forks on all hosts; its settings are its own defaults. @throws where a host failed */
export async function runAnsible(program: string, sshd: Sshd, command: string): Promise<void> {
  const inventory = join(sshd.folder, 'inventory.ini');
  writeFileSync(
    inventory,
    sshd.hosts
      .map(
        ({ name, address, port }) =>
          `${name} ansible_host=${address} ansible_port=${port} ansible_user=${sshd.username}`,
      )
      .join('\n'),
  );
  const { stdout } = await run(
    program,
    ['all', '-i', inventory, '-m', 'command', '-a', command, '-f', '50', '--private-key', sshd.privateKeyFile],
    {
      timeout: 300_000,
      maxBuffer: 1 << 24,
      cwd: sshd.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: sshd.folder,
        LANG: 'C.UTF-8',
        ANSIBLE_HOST_KEY_CHECKING: 'False',
        ANSIBLE_SSH_ARGS:
          '-C -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR',
      },
    },
  );
  const done = stdout.match(/CHANGED \| rc=0/g)?.length ?? 0;
  if (done !== sshd.hosts.length)
    throw new Error(`ansible reached ${done} of ${sshd.hosts.length} hosts: ${stdout.slice(0, 400)}`);
}
