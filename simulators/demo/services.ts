import { randomBytes } from 'node:crypto';
import { freePort, isPortFree } from '#system/embedded/processes.ts';
import { type AmcSimulator, startAmcSimulator } from '../amc/amc-simulator.ts';
import { type SfmcSimulator, startSfmcSimulator } from '../sfmc/sfmc-simulator.ts';
import type { Keep } from './keep.ts';
import { type SampleDatabase, startSampleDatabase } from './sample-database.ts';

/** The systems that queries of the demo run on, each on loopback: nothing leaves this machine. */
export interface SampleServices {
  readonly sfmc: SfmcSimulator;
  readonly amc: AmcSimulator;
  readonly database: SampleDatabase;
  /** The application at Marketing Cloud that people sign in through. */
  readonly sfmcApp: { readonly clientId: string; readonly clientSecret: string };
  /** Who can sign in at the Marketing Cloud simulator: the administrator, of all business units. */
  readonly sfmcLogin: { readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

const newWord = (): string => randomBytes(18).toString('base64url');

/**
 * Starts both simulators where they were the last time, with the applications and people they had, and the sample database.
 * What clients made in a simulator is gone with it, tokens too, as if everybody had been signed out.
 * @param callback where a sign-in leads back to
 */
export async function startSampleServices(keep: Keep, callback: string): Promise<SampleServices> {
  const { kept, save } = keep;
  const services = (kept.services ??= {
    sfmcSecret: newWord(),
    sfmcPassword: randomBytes(6).toString('hex'),
    amcSecret: newWord(),
  });
  const portOf = async (last: number | undefined): Promise<number> =>
    last !== undefined && (await isPortFree(last, '127.0.0.1')) ? last : freePort();
  services.sfmcPort = await portOf(services.sfmcPort);
  services.amcPort = await portOf(services.amcPort);
  save();
  const sfmcApp = { clientId: 'windlass-demo', clientSecret: services.sfmcSecret };
  const sfmc = await startSfmcSimulator({
    port: services.sfmcPort,
    redirectUris: [callback],
    scenario: { packages: [{ name: 'Windlass demo', kind: 'web', ...sfmcApp, redirectUris: [callback] }] },
  });
  const [ada] = sfmc.world.users;
  if (!ada) throw new Error('The simulator of Marketing Cloud has no people.');
  ada.password = services.sfmcPassword;
  const amc = await startAmcSimulator({
    port: services.amcPort,
    clientSecret: services.amcSecret,
    redirectUris: [callback],
    knobs: { pendingMs: [500, 2_000], runningMs: [1_000, 6_000] },
    events: { impressions: 200_000, sponsored: 50_000, conversions: 20_000 },
  });
  const database = await startSampleDatabase(keep);
  return {
    sfmc,
    amc,
    database,
    sfmcApp,
    sfmcLogin: { username: ada.username, password: ada.password },
    stop: async () => {
      await Promise.all([sfmc.stop(), amc.stop(), database.stop()]);
    },
  };
}
