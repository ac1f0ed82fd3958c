import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import type { Vault } from '#system/vault/vault.ts';

/** What the codec needs of the vault. */
export type PayloadVault = Pick<Vault, 'sealBytes' | 'openBytes'>;

const encoding = 'binary/windlass-aes-256-gcm';
const utf8 = new TextEncoder();
const text = new TextDecoder();
const rememberedWorkflows = 20_000;

/** Whoever may read a payload: its workspace and the workflow it belongs to. */
export interface PayloadOwner {
  scope: string;
  workflowId: string;
}

/**
 * AES-256-GCM over every payload (design §5): one data key a workspace, bound by AAD to workspace and workflow id.
 * Strict: a payload that is not ours, or belongs to another workflow, fails. Which workspace a workflow belongs to is
 * told by `remember`, by the input of its start, or learned from the first payload that is read of it.
 */
export class SealingCodec implements PayloadCodec {
  readonly #vault: PayloadVault;
  readonly #scopes = new Map<string, string>();

  constructor(vault: PayloadVault) {
    this.#vault = vault;
  }

  /** Tells which workspace a workflow belongs to, before anything of it is sealed. */
  remember(workflowId: string, scope: string): void {
    this.#scopes.delete(workflowId);
    this.#scopes.set(workflowId, scope);
    if (this.#scopes.size > rememberedWorkflows) {
      const oldest = this.#scopes.keys().next();
      if (!oldest.done) this.#scopes.delete(oldest.value);
    }
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    if (payloads.length === 0) return payloads;
    const workflowId = workflowIdOf(context);
    const scope =
      this.#scopes.get(workflowId) ?? payloads.map(namedWorkspace).find((id) => id !== undefined) ?? 'instance';
    if (scope !== 'instance' && workflowId !== '') this.remember(workflowId, scope);
    return Promise.all(payloads.map((payload) => this.#seal(payload, { scope, workflowId })));
  }

  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#open(payload, context)));
  }

  async #seal(payload: Payload, { scope, workflowId }: PayloadOwner): Promise<Payload> {
    const data = await this.#vault.sealBytes(packPayload(payload), {
      workspaceId: scope,
      purpose: 'payload',
      subject: workflowId,
    });
    return {
      metadata: { encoding: utf8.encode(encoding), scope: utf8.encode(scope), workflow: utf8.encode(workflowId) },
      data,
    };
  }

  async #open(payload: Payload, context: SerializationContext | undefined): Promise<Payload> {
    const owner = ownerOf(payload);
    const workflowId = workflowIdOf(context);
    if (workflowId !== '' && workflowId !== owner.workflowId) throw new Error('A payload belongs to another workflow.');
    if (workflowId !== '' && owner.scope !== 'instance') this.remember(workflowId, owner.scope);
    return openPayload(this.#vault, payload);
  }
}

/**
 * The workflow that a payload is bound to. Executions of one schedule are one owner: Temporal hands the result of each to
 * the next, whose id differs by the time that is appended to it.
 */
const workflowIdOf = (context: SerializationContext | undefined): string =>
  context && 'workflowId' in context && typeof context.workflowId === 'string'
    ? context.workflowId.replace(/^(schedule\/[0-9a-f-]{36}\/[0-9a-f-]{36})-\d{4}-\d\d-\d\dT[\d:]+Z$/, '$1')
    : '';

const metadataText = (payload: Payload, name: string): string => {
  const bytes = payload.metadata?.[name];
  return bytes ? text.decode(bytes) : '';
};

/** Whose a sealed payload says it is; `openPayload` proves it. */
export function ownerOf(payload: Payload): PayloadOwner {
  if (metadataText(payload, 'encoding') !== encoding) throw new Error('A payload is not sealed by this product.');
  return { scope: metadataText(payload, 'scope'), workflowId: metadataText(payload, 'workflow') };
}

/** Opens a sealed payload. @throws where key, owner or content do not fit */
export async function openPayload(vault: PayloadVault, payload: Payload): Promise<Payload> {
  const { scope, workflowId } = ownerOf(payload);
  const plain = await vault.openBytes(payload.data ?? new Uint8Array(), {
    workspaceId: scope,
    purpose: 'payload',
    subject: workflowId,
  });
  return unpackPayload(Buffer.from(plain));
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Every input of a workflow of ours names its workspace: that tells whose a workflow is before it has ever been read. */
function namedWorkspace(payload: Payload): string | undefined {
  if (metadataText(payload, 'encoding') !== 'json/plain' || !payload.data) return undefined;
  try {
    const value: unknown = JSON.parse(text.decode(payload.data));
    const id = typeof value === 'object' && value !== null && 'workspaceId' in value ? value.workspaceId : undefined;
    return typeof id === 'string' && uuid.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Metadata as JSON with base64 values, its length in four bytes before it, then the data as it is. */
function packPayload(payload: Payload): Uint8Array {
  const metadata = Object.fromEntries(
    Object.entries(payload.metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes ?? []).toString('base64')]),
  );
  const head = utf8.encode(JSON.stringify(metadata));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, payload.data ?? new Uint8Array()]);
}

function unpackPayload(plain: Buffer): Payload {
  const headEnd = 4 + plain.readUInt32BE(0);
  const head = JSON.parse(text.decode(plain.subarray(4, headEnd))) as Record<string, string>;
  return {
    metadata: Object.fromEntries(Object.entries(head).map(([name, base64]) => [name, Buffer.from(base64, 'base64')])),
    data: plain.subarray(headEnd),
  };
}
