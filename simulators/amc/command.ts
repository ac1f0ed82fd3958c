import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readPort, type SimulatorCommand, UsageError } from '../kit/simulator-command.ts';
import { startAmcSimulator } from './amc-simulator.ts';
import { Scenario, type ScenarioInput } from './scenario.ts';

function readScenario(file: string): ScenarioInput {
  const parsed = Scenario.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`The scenario is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`);
}

/** `npm run -s simulate -- amc [--port N] [--scenario FILE]` */
export const amcCommand: SimulatorCommand = {
  usage: '[--port N] [--scenario file.json]',
  async start(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, scenario: { type: 'string' } },
    });
    const port = readPort(values.port);
    const scenario = values.scenario === undefined ? {} : readScenario(values.scenario);
    const simulator = await startAmcSimulator({ ...scenario, ...(port !== undefined && { port }) });
    const { origin, regions, clientId, clientSecret, refreshToken, world } = simulator;
    const instances = world.instances.map(({ instanceId, instanceName, instanceType, accountId }) => ({
      instanceId,
      instanceName,
      instanceType,
      accountId,
      marketplaceId: world.accounts.find((account) => account.accountId === accountId)?.marketplaceId,
    }));
    return { line: { origin, regions, clientId, clientSecret, refreshToken, instances }, stop: () => simulator.stop() };
  },
};
