import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a suite needs beyond npm, by program: the package that brings it on Debian and Ubuntu, Fedora, Alpine and macOS. */
const packages: Record<string, { apt: string; others: string }> = {
  sshd: { apt: 'openssh-server', others: 'openssh-server (Fedora, Alpine: the same; macOS: built in)' },
  sudo: { apt: 'sudo', others: 'sudo' },
  chromium: { apt: 'chromium', others: 'chromium (macOS: brew install --cask chromium)' },
  busybox: { apt: 'busybox', others: 'busybox' },
  'prometheus-alertmanager': {
    apt: 'prometheus-alertmanager',
    others: 'the program alertmanager (macOS: brew install alertmanager)',
  },
};

const searchPath = () => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The absolute path of a program, or undefined where it is not installed. `sshd` must be started by an absolute path. */
export function findProgram(name: string): string | undefined {
  for (const folder of searchPath()) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here; the next folder
    }
  }
  return undefined;
}

const isRoot = () => process.getuid?.() === 0;

/** Finds a program, or installs its package when this process may; else throws and says exactly what to install. */
export function needProgram(name: string): string {
  const found = findProgram(name);
  if (found) return found;
  const wanted = packages[name];
  if (!wanted) throw new Error(`No package is known for the program ${name}.`);
  const apt = findProgram('apt-get');
  if (isRoot() && apt) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = () =>
      execFileSync(apt, ['install', '-y', '-q', '--no-install-recommends', wanted.apt], { env, stdio: 'pipe' });
    try {
      install();
    } catch {
      execFileSync(apt, ['update', '-q'], { env, stdio: 'pipe' }); // an image may come without package lists
      install();
    }
    const installed = findProgram(name);
    if (installed) return installed;
  }
  throw new Error(
    `These tests need the program ${name}. Install it: apt-get install ${wanted.apt} (elsewhere: ${wanted.others}).`,
  );
}
