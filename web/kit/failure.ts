import type { ApiError } from '#contracts/kit/schemas.ts';
import { isRecord } from './shape.ts';

/** One fault of one field, as the server names it. */
export interface FieldFault {
  path: string;
  code: string;
  message: string;
}

/** What the API answers when it refuses, or what stands for it when no answer came (`network.unreachable`). */
export class ApiFailure extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: ApiError['details'];
  readonly requestId: string | null;

  constructor(facts: {
    code: string;
    message: string;
    status: number;
    details?: ApiError['details'];
    requestId?: string | null;
  }) {
    super(facts.message);
    this.name = 'ApiFailure';
    this.code = facts.code;
    this.status = facts.status;
    this.details = facts.details;
    this.requestId = facts.requestId ?? null;
  }

  /** The faults that point at fields; empty where the refusal is about the whole. */
  get faults(): FieldFault[] {
    return Array.isArray(this.details) ? this.details : [];
  }
}

const isFault = (value: unknown): value is FieldFault & Record<string, unknown> =>
  isRecord(value) &&
  typeof value['path'] === 'string' &&
  typeof value['code'] === 'string' &&
  typeof value['message'] === 'string';
const detailsOf = (details: unknown): ApiError['details'] =>
  Array.isArray(details) ? details.filter(isFault) : isRecord(details) ? details : undefined;

/** Reads a refused answer. A body that is not ours (a proxy's page) still gives a sentence and a code. */
export async function failureOf(response: Response): Promise<ApiFailure> {
  const requestId = response.headers.get('x-request-id');
  const body: unknown = await response.json().catch(() => undefined);
  if (isRecord(body) && typeof body['error'] === 'string' && typeof body['message'] === 'string') {
    const id = typeof body['requestId'] === 'string' ? body['requestId'] : requestId;
    return new ApiFailure({
      code: body['error'],
      message: body['message'],
      status: response.status,
      details: detailsOf(body['details']),
      requestId: id,
    });
  }
  return new ApiFailure({
    code: `http.${response.status}`,
    message:
      response.status >= 500
        ? 'The server did not answer as it should. Try again shortly.'
        : 'The server refused the request.',
    status: response.status,
    requestId,
  });
}

/** Any thrown thing as a failure that can be shown. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure({
    code: 'console.failed',
    message: error instanceof Error ? error.message : String(error),
    status: 0,
  });
}
