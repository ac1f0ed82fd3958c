import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import { addressOf } from '../kit/api.ts';
import { ApiFailure, failureOf } from '../kit/failure.ts';
import { currentWorkspace } from '../kit/workspace.ts';

interface SendFile {
  file: File;
  name: string;
  /** Days after which it goes by itself. */
  keepDays: number | undefined;
  onProgress: (sentBytes: number) => void;
  signal: AbortSignal;
}

/** Stores a file and tells how much of it has gone: `fetch` does not say. @throws ApiFailure; AbortError where it was stopped */
export const sendFile = ({ file, name, keepDays, onProgress, signal }: SendFile): Promise<Artifact> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf('storeArtifact', { query: { name, keepDays } }));
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    const workspace = currentWorkspace();
    if (workspace) request.setRequestHeader('X-Workspace', workspace);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      if (request.status === 201) {
        // The server holds its answers to the contract; a test of each route does.
        resolve(JSON.parse(request.responseText) as Artifact);
        return;
      }
      void failureOf(new Response(request.responseText, { status: request.status })).then(reject, reject);
    });
    request.addEventListener('error', () =>
      reject(
        new ApiFailure({
          code: 'network.unreachable',
          message: 'The server cannot be reached, or it refused the file before its end. Try again.',
          status: 0,
        }),
      ),
    );
    request.addEventListener('abort', () => reject(new DOMException('Stopped', 'AbortError')));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
