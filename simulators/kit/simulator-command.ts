/** One simulator as `npm run -s simulate -- <name>` starts it. */
export interface SimulatorCommand {
  /** What may follow the name, for the usage line. */
  readonly usage: string;
  /**
   * Starts it on loopback.
   * @param args what follows the name on the command line
   * @throws UsageError for arguments it does not know
   */
  start(args: readonly string[]): Promise<StartedSimulator>;
}

export interface StartedSimulator {
  /** Printed as one line of JSON: addresses and credentials of the simulated world. */
  readonly line: object;
  stop(): Promise<void>;
}

/** The command line is not understood; the usage is printed. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads `--port`: undefined where none is given, so that the system picks one. */
export function readPort(text: string | undefined, count = 1): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port + count > 65_536) throw new UsageError(`${text} is no port.`);
  return port;
}
