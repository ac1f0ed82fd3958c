import { connect } from 'node:net';
import { Client } from 'pg';
import type { Secret } from '../secret.ts';
import { StartFailure, reasonOf } from '../start-failure.ts';

/** Connects once with what a setting says, or stops with a line that names the setting and never its password. */
export async function checkDatabaseUrl(setting: string, url: Secret): Promise<void> {
  const { hostname, port, pathname, username } = new URL(url.reveal());
  const client = new Client({ connectionString: url.reveal(), connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const where = `${username}@${hostname}:${port || '5432'}${pathname}`;
    throw new StartFailure(
      `${setting} does not lead to a database (${where}): ${textOf(error)}. Correct it, or unset it to use the embedded PostgreSQL.`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** A refused connection to a name with several addresses has its text in its parts. */
const textOf = (error: unknown): string =>
  (error instanceof AggregateError ? [...new Set(error.errors.map(reasonOf))].join(', ') : reasonOf(error)) ||
  'no answer';

/** Opens the port that TEMPORAL_ADDRESS names, or stops with a line. */
export const checkTemporalAddress = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const cut = address.lastIndexOf(':');
    const socket = connect({
      host: address.slice(0, cut).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(cut + 1)),
    });
    const fail = (why: string): void => {
      socket.destroy();
      reject(
        new StartFailure(
          `No Temporal server answers at TEMPORAL_ADDRESS ${address} (${why}): start it, or unset TEMPORAL_ADDRESS to use the embedded one.`,
        ),
      );
    };
    socket.setTimeout(5_000, () => fail('no answer in 5 s'));
    socket.once('error', (error) => fail(textOf(error)));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
