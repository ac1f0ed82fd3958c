import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type SimulatorCommand, UsageError, readPort } from '../kit/simulator-command.ts';
import { startSshSimulator } from './ssh-simulator.ts';

/** SSH hosts. With --port they take that port and those after it. */
export const sshCommand: SimulatorCommand = {
  usage: '[--hosts 1 to 200] [--port first port]',
  async start(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { hosts: { type: 'string', default: '3' }, port: { type: 'string' } },
    });
    const count = Number(values.hosts);
    if (!Number.isInteger(count) || count < 1 || count > 200) throw new UsageError(`${values.hosts} hosts cannot be.`);
    const port = readPort(values.port, count);
    const simulator = await startSshSimulator({
      hosts: Array.from({ length: count }, (_, index) => ({
        name: `host-${index + 1}`,
        ...(port !== undefined && { port: port + index }),
      })),
      password: randomBytes(12).toString('base64url'),
    });
    const { username, password, privateKey } = simulator;
    const hosts = simulator.hosts.map(({ name, address, port: at, hostKey }) => ({ name, address, port: at, hostKey }));
    return { line: { hosts, username, password, privateKey }, stop: () => simulator.stop() };
  },
};
