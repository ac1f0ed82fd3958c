import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a room of the simulator answers. */
export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

export const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Reply => ({
  status,
  type: 'application/json;charset=UTF-8',
  headers,
  body: JSON.stringify(value),
});
export const html = (body: string, status = 200): Reply => ({
  status,
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Marketing Cloud (simulated)</title><style>body{font:16px/1.5 system-ui;max-width:26rem;margin:10vh auto;padding:0 1rem}label{display:block;margin:.8rem 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}button{font:inherit;padding:.4rem 1.2rem;margin-right:.6rem}</style></head><body>${body}</body></html>`,
});
export const redirect = (to: string): Reply => ({ status: 302, headers: { location: to }, body: '' });

export const escapeText = (value: string): string => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const mostBytes = 16 * 1_048_576;

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function send(response: ServerResponse, { status, type, headers = {}, body }: Reply): void {
  response.writeHead(status, {
    ...(type && { 'content-type': type }),
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
