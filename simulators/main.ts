// `npm run -s simulate -- <name> […]`: stand-ins of outside systems on loopback. Prints one line of JSON with addresses and
// credentials, and serves until Ctrl-C. docs/simulators.md tells what each can do.
import { type SimulatorCommand, UsageError } from './kit/simulator-command.ts';

/** Loaded only when asked for: each brings its own libraries. */
const simulators: Record<string, () => Promise<SimulatorCommand>> = {
  amc: async () => (await import('./amc/command.ts')).amcCommand,
  ssh: async () => (await import('./ssh/command.ts')).sshCommand,
  sfmc: async () => (await import('./sfmc/command.ts')).sfmcCommand,
};

async function usage(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(simulators).map(async ([name, load]) => `  npm run -s simulate -- ${name} ${(await load()).usage}`),
  );
  return `Usage: one of\n${lines.join('\n')}`;
}

try {
  const [name = '', ...args] = process.argv.slice(2);
  const load = Object.hasOwn(simulators, name) ? simulators[name] : undefined;
  if (!load) throw new UsageError(`There is no simulator ${JSON.stringify(name)}.`);
  const simulator = await (await load()).start(args);
  console.log(JSON.stringify(simulator.line));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void simulator.stop().finally(() => process.exit(0)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) console.error(await usage());
  process.exitCode = 1;
}
