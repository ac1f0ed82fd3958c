// `npm run -s simulate -- ssh [--hosts N] [--port P]`: stand-ins of outside systems on loopback. Prints one line of JSON with
// addresses and credentials, and serves until Ctrl-C. With --port the hosts take that port and those after it.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startSshSimulator } from './ssh/ssh-simulator.ts';

const usage = 'Usage: npm run -s simulate -- ssh [--hosts 1 to 200] [--port first port]';

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { hosts: { type: 'string', default: '3' }, port: { type: 'string' } },
  });
  const count = Number(values.hosts);
  const port = values.port === undefined ? undefined : Number(values.port);
  const isPortFine = port === undefined || (Number.isInteger(port) && port > 0 && port + count <= 65_536);
  if (positionals.join() !== 'ssh' || !Number.isInteger(count) || count < 1 || count > 200 || !isPortFine)
    throw new Error(usage);
  const simulator = await startSshSimulator({
    hosts: Array.from({ length: count }, (_, index) => ({
      name: `host-${index + 1}`,
      ...(port !== undefined && { port: port + index }),
    })),
    password: randomBytes(12).toString('base64url'),
  });
  const { username, password, privateKey } = simulator;
  const hosts = simulator.hosts.map(({ name, address, port: at, hostKey }) => ({ name, address, port: at, hostKey }));
  console.log(JSON.stringify({ hosts, username, password, privateKey }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void simulator.stop().finally(() => process.exit(0)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
