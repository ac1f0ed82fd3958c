// The package brings no types: what the bench uses of it.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Client {
    setRequests(requests: { method: string; path: string; headers: Record<string, string> }[]): void;
  }
  interface Options {
    url: string;
    connections: number;
    duration: number;
    setupClient: (client: Client) => void;
  }
  interface Result {
    non2xx: number;
    errors: number;
    requests: { average: number };
  }
  interface Load extends EventEmitter, PromiseLike<Result> {
    on(event: 'response', listener: (client: Client, status: number, bytes: number, tookMs: number) => void): this;
  }
  export default function autocannon(options: Options): Load;
}
