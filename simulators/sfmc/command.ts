import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type SimulatorCommand, UsageError, readPort } from '../kit/simulator-command.ts';
import { Scenario } from './scenario.ts';
import { startSfmcSimulator } from './sfmc-simulator.ts';

/** Marketing Cloud Engagement. */
export const sfmcCommand: SimulatorCommand = {
  usage: '[--port N] [--scenario file.json] [--redirect-uri URL]…',
  async start(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        scenario: { type: 'string' },
        'redirect-uri': { type: 'string', multiple: true },
      },
    });
    const scenario = values.scenario === undefined ? undefined : await readScenario(values.scenario);
    const simulator = await startSfmcSimulator({
      port: readPort(values.port),
      ...(scenario && { scenario }),
      redirectUris: values['redirect-uri'] ?? ['http://127.0.0.1:3000/api/v1/connections/sfmc/callback'],
    });
    const { origin, tssd, units, users, world } = simulator;
    const packages = world.packages.map(({ name, kind, clientId, clientSecret, jwtSecret, redirectUris }) => ({
      name,
      kind,
      clientId,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(jwtSecret !== undefined && { jwtSecret }),
      redirectUris,
    }));
    const line = {
      origin,
      auth: `${origin}/auth/`,
      rest: `${origin}/rest/`,
      soap: `${origin}/soap/`,
      admin: `${origin}/admin/`,
      tssd,
      units,
      users,
      packages,
    };
    return { line, stop: () => simulator.stop() };
  },
};

async function readScenario(path: string): Promise<Scenario> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `The scenario ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const read = Scenario.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(`The scenario ${path} is not valid: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
