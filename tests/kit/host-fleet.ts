import type { Furnished } from './test-app.ts';
import { type Sshd, type SshdHost, type SshdOptions, startSshd } from './sshd.ts';

export interface FleetHost extends SshdHost {
  /** Id of the server in the product, which goes by the host's name. */
  readonly id: string;
}
export interface Fleet {
  readonly sshd: Sshd;
  readonly credentialId: string;
  readonly hosts: FleetHost[];
  stop(): Promise<void>;
}

/** Real sshds, each a server of the product with one key among them; `tags` are given to all. */
export async function startFleet(
  { ok }: Pick<Furnished, 'ok'>,
  options: SshdOptions,
  tags: string[] = ['fleet'],
): Promise<Fleet> {
  const sshd = await startSshd(options);
  try {
    const credential = await ok('POST', '/credentials', {
      name: `key of ${sshd.folder.slice(-6)}`,
      kind: 'ssh_key',
      username: sshd.username,
      privateKey: sshd.privateKey,
    });
    const hosts: FleetHost[] = [];
    for (const host of sshd.hosts) {
      const { id } = await ok('POST', '/servers', {
        name: host.name,
        host: host.address,
        port: host.port,
        tags,
        credentialId: credential.id,
      });
      hosts.push({ ...host, id });
    }
    return { sshd, credentialId: credential.id, hosts, stop: () => sshd.stop() };
  } catch (error) {
    await sshd.stop();
    throw error;
  }
}
