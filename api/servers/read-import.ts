import type { FastifyRequest } from 'fastify';
import { type ImportLine, ImportRequest } from '#contracts/servers/import-servers.ts';
import type { ImportOptions } from '#db/servers/import-servers.ts';
import { problem } from '../kit/problem.ts';
import { readServersCsv } from './servers-csv.ts';

interface Flags {
  dryRun?: boolean | undefined;
  allOrNothing?: boolean | undefined;
}

/**
 * Reads the body of an import: a CSV file as it is, or JSON `{csv, dryRun?, allOrNothing?}`.
 * @throws `import.refused` with the lines where the file itself is broken, so that no line of it can be taken
 */
export function readImport(request: FastifyRequest, query: Flags): { lines: ImportLine[]; options: ImportOptions } {
  const { csv, ...flags } = bodyOf(request);
  const { lines, fileErrors } = readServersCsv(csv);
  if (fileErrors.length > 0) {
    const details = fileErrors.map((error) => ({
      path: `/line/${error.line}${error.column ? `/${error.column}` : ''}`,
      ...error,
    }));
    throw problem('import.refused', { count: fileErrors.length }, details);
  }
  return {
    lines,
    options: {
      dryRun: flags.dryRun ?? query.dryRun ?? false,
      allOrNothing: flags.allOrNothing ?? query.allOrNothing ?? false,
    },
  };
}

function bodyOf({ body, headers }: FastifyRequest): Flags & { csv: string } {
  const text =
    typeof body === 'string'
      ? body
      : Buffer.isBuffer(body)
        ? body.toString()
        : body === undefined || body === null
          ? ''
          : JSON.stringify(body);
  if (!/^application\/(?:.+\+)?json/.test(headers['content-type'] ?? '')) return { csv: text };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw problem('contract.broken', {}, [{ path: '/body', code: 'invalid_json', message: 'The body is no JSON.' }]);
  }
  const parsed = ImportRequest.safeParse(json);
  if (parsed.success) return parsed.data;
  throw problem(
    'contract.broken',
    {},
    parsed.error.issues.map(({ path, code, message }) => ({ path: `/body/${path.join('/')}`, code, message })),
  );
}
