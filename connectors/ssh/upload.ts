import { createHash, randomBytes } from 'node:crypto';
import { mostArtifactBytes } from '#contracts/playbooks/artifacts.ts';
import type { SshTarget } from './connect.ts';
import { readPlain, type PlainOptions } from './exec.ts';
import type { SshPool } from './pool.ts';
import { SshProblem } from './problem.ts';
import { quoteWord } from './quote.ts';
import type { Sudo } from './script.sh.ts';

export interface Upload {
  /** Absolute, or relative to the account's home. */
  path: string;
  content: Buffer;
  /** Octal, as `0644`; a new file gets 0600, a present one keeps its own. */
  mode?: string;
  /** `user` or `user:group`; needs the right to give files away. */
  owner?: string;
  sudo?: Sudo;
  /** Keeps what was there beside it. */
  backup?: boolean;
}

export interface UploadResult {
  changed: boolean;
  /** Where the former content lies, if it was kept. */
  backup: string | null;
  bytes: number;
  sha256: string;
}

const maxBytes = mostArtifactBytes;

/**
 * Writes a file on a host: a temporary file beside it, then a rename, so that nobody ever reads half of it. The same content is
 * left alone (mode and owner are still set). Repeatable. Fails by `upload.refused` with what the host said, and by `ssh.*`.
 */
export async function uploadFile(
  pool: SshPool,
  target: SshTarget,
  upload: Upload,
  options: Pick<PlainOptions, 'signal' | 'timeoutMs' | 'sh' | 'firstWordMs'> = {},
): Promise<UploadResult> {
  const { path, content, mode, owner, sudo } = upload;
  const refuse = (reason: string) => new SshProblem('upload.refused', { path, reason });
  if (path === '' || path.includes('\0') || path.endsWith('/')) throw refuse('the path names no file');
  if (content.length > maxBytes) throw refuse(`more than ${maxBytes} bytes`);
  if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) throw refuse('the mode is not octal, as 0644');
  if (owner !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9._-]*(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?$/.test(owner)) {
    throw refuse('the owner is no user or user:group');
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  const command = program({ ...upload, sha256, suffix: randomBytes(6).toString('hex') });
  const { exitCode, stdout, stderr } = await readPlain(
    pool,
    target,
    { command, sudo },
    { ...options, stdinBytes: content },
  );
  const said = /^windlass (changed|same) (.*)$/m.exec(stdout);
  if (exitCode !== 0 || !said)
    throw refuse(stderr.trim().slice(0, 300) || `the host answered with exit code ${exitCode}`);
  return { changed: said[1] === 'changed', backup: said[2] || null, bytes: content.length, sha256 };
}

/**
 * `sha256sum` decides whether the file is the same; a host without it just writes. The temporary file is made by O_EXCL with
 * umask 077 beside the target: a rename is atomic only within one file system. Its mode is set before it has the name.
 */
function program(upload: Upload & { sha256: string; suffix: string }): string {
  const { path, content, mode, owner, backup, sha256, suffix } = upload;
  return `set -f
p=${quoteWord(path)}
case $p in /*) ;; *) p=$HOME/$p ;; esac
[ -d "$p" ] && { echo "it is a folder" >&2; exit 1; }
while [ -L "$p" ]; do
  l=$(readlink "$p") || exit 1
  case $l in /*) p=$l ;; *) p=\${p%/*}/$l ;; esac
done
t=$p.windlass-${suffix}
trap 'rm -f "$t"' EXIT
trap 'exit 143' TERM HUP INT
sum() { sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1" 2>/dev/null; }
(umask 077; set -C; cat >"$t") || exit 1
set -- $(ls -ln "$t")
[ "$5" = ${content.length} ] || { echo "only $5 of ${content.length} bytes arrived" >&2; exit 1; }
case $(sum "$t") in ${sha256}*|'') ;; *) echo "the content changed on its way" >&2; exit 1 ;; esac
w=changed b=
if [ -f "$p" ]; then
  case $(sum "$p") in ${sha256}*) w=same ;; esac
fi
if [ $w = changed ]; then
  if [ -f "$p" ]; then
    ${mode ? '' : 'chmod --reference="$p" "$t" 2>/dev/null || :'}
    ${owner ? '' : 'chown --reference="$p" "$t" 2>/dev/null || :'}
    ${backup ? 'b=$p.windlass-backup-$(date -u +%Y%m%dT%H%M%SZ)-' + suffix + '; cp -p "$p" "$b" || exit 1' : ':'}
  fi
  ${owner ? `chown ${quoteWord(owner)} "$t" || exit 1` : ':'}
  ${mode ? `chmod ${mode} "$t" || exit 1` : ':'}
  mv -f "$t" "$p" || exit 1
else
  ${owner ? `chown ${quoteWord(owner)} "$p" || exit 1` : ':'}
  ${mode ? `chmod ${mode} "$p" || exit 1` : ':'}
fi
echo "windlass $w $b"
`;
}
