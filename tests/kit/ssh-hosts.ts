import type { SshTarget } from '#connectors/ssh/connect.ts';
import { followCommand, type CommandEvent, type DurableCommand, type FollowOptions } from '#connectors/ssh/durable.ts';
import type { CommandEnd } from '#connectors/ssh/command.ts';
import { SshPool, type PoolOptions } from '#connectors/ssh/pool.ts';
import { startSshd, type Sshd, type SshdHost, type SshdOptions } from './sshd.ts';

/** All that following a command gave, in one piece. */
export interface Followed {
  end: CommandEnd;
  stdout: Buffer;
  stderr: Buffer;
  events: CommandEvent[];
}

export interface SshHosts {
  sshd: Sshd;
  pool: SshPool;
  host: (index?: number) => SshdHost;
  target: (index?: number, change?: Partial<SshTarget>) => SshTarget;
  /** Follows a command to its end in one attempt. */
  follow: (command: DurableCommand, options?: FollowOptions & { on?: number; pool?: SshPool }) => Promise<Followed>;
  stop: () => Promise<void>;
}

/** Real OpenSSH servers and a pool that knows them, for tests. */
export async function startSshHosts(options: SshdOptions, poolOptions: PoolOptions = {}): Promise<SshHosts> {
  const sshd = await startSshd(options);
  const pool = new SshPool({ trustFirstUse: () => true, ...poolOptions });
  const host = (index = 0): SshdHost => {
    const found = sshd.hosts[index];
    if (!found) throw new Error(`There is no host ${index}.`);
    return found;
  };
  const target = (index = 0, change: Partial<SshTarget> = {}): SshTarget => ({
    host: host(index).address,
    port: host(index).port,
    login: { username: host(index).username, privateKey: sshd.privateKey },
    ...change,
  });
  return {
    sshd,
    pool,
    host,
    target,
    follow: (command, { on = 0, pool: other, ...follow } = {}) =>
      collect(followCommand(other ?? pool, target(on), command, { sh: host(on).sh, ...follow })),
    stop: async () => {
      await pool.close();
      await sshd.stop();
    },
  };
}

/** Reads a following to its end. */
export async function collect(events: AsyncIterable<CommandEvent>): Promise<Followed> {
  const seen: CommandEvent[] = [];
  const out: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let end: CommandEnd | undefined;
  for await (const event of events) {
    seen.push(event);
    if (event.kind === 'output') out[event.stream].push(event.bytes);
    if (event.kind === 'end') end = event.end;
  }
  if (!end) throw new Error('The command was not followed to its end.');
  return { end, stdout: Buffer.concat(out.stdout), stderr: Buffer.concat(out.stderr), events: seen };
}

/** Waits until the command has written something: then it runs. The rest can be collected after it. */
export async function untilOutput(events: AsyncGenerator<CommandEvent, unknown>): Promise<void> {
  for (let next = await events.next(); !next.done; next = await events.next()) if (next.value.kind === 'output') return;
  throw new Error('The command ended before it wrote anything.');
}
