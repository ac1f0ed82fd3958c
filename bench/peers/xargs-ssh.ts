import { spawn } from 'node:child_process';
import type { Sshd } from '#tests/kit/sshd.ts';

/** `xargs -P50 ssh`: OpenSSH's client, one process and one connection a host. @throws where a host failed */
export async function runXargsSsh(sshd: Sshd, command: string): Promise<void> {
  const options = [
    '-i',
    sshd.privateKeyFile,
    '-F',
    'none',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    'BatchMode=yes',
  ];
  const child = spawn('xargs', ['-P', '50', '-I', '{}', 'ssh', ...options, '{}', command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (lines += text.split('\n').length - 1));
  child.stdin.end(sshd.hosts.map(({ address, port }) => `ssh://${sshd.username}@${address}:${port}\n`).join(''));
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  if (code !== 0 || lines !== sshd.hosts.length)
    throw new Error(`xargs ssh ended with ${String(code)} and ${lines} lines.`);
}
