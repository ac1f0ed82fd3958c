import { createTwoFilesPatch, diffLines } from 'diff';
import type { Json } from '#contracts/kit/schemas.ts';
import { cutToStep } from '#contracts/playbooks/engine/step-test.ts';
import { runPlaybookTest } from '#contracts/playbooks/engine/virtual/playbook-test.ts';
import { type Playbook, playbookRoutes } from '#contracts/playbooks/playbooks.ts';
import { playbookJsonSchema } from '#contracts/playbooks/shape/json-schema.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { checkDocument } from '#db/playbooks/check-document.ts';
import { planRun } from '#db/playbooks/plan-run.ts';
import {
  NameTaken,
  StaleVersion,
  createPlaybook,
  deletePlaybook,
  listPlaybooks,
  listVersions,
  readPlaybook,
  readTests,
  savePlaybook,
  saveTests,
} from '#db/playbooks/playbooks.ts';
import { type PlaybookStart, prepareRunInput, startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import { actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { createTurns } from '../kit/turns.ts';
import { mustRead, readDocument } from './read-document.ts';

export const playbooksRoom = room(playbookRoutes, (tools): Handlers<typeof playbookRoutes> => ({
  listPlaybooks: ({ actor, query }) => tools.inTenant(actor, (tx) => listPlaybooks(tx, query)),
  getPlaybook: async ({ actor, params, reply }) =>
    withEtag(reply, await tools.inTenant(actor, (tx) => show(tx, params.id))),

  createPlaybook: async (call) => {
    const { actor, body, reply, reservedId: id } = call;
    const made = await tools.inTenant(actor, (tx) =>
      refusing(body.name, async () => {
        const existing = await readPlaybook(tx, { id });
        if (existing) return show(tx, id); // a repeated request whose first answer was lost
        const { definition, yaml } = await mustRead(tx, named(body));
        await createPlaybook(tx, id, { definition, yaml, note: body.note ?? null, actor: actorRef(actor) });
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'playbook.created',
          subject: `playbook:${id}`,
          title: definition.name,
        });
        return show(tx, id);
      }),
    );
    return withEtag(reply, made);
  },
  updatePlaybook: async (call) => {
    const { actor, params, body, request, reply } = call;
    const basedOn = versionOf(request);
    const saved = await tools.inTenant(actor, (tx) =>
      refusing(body.name, async () => {
        const { definition, yaml } = await mustRead(tx, named(body), params.id);
        const version = await savePlaybook(
          tx,
          params.id,
          { definition, yaml, note: body.note ?? null, actor: actorRef(actor) },
          basedOn,
        );
        if (version === null) throw problem('request.not_found');
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'playbook.saved',
          subject: `playbook:${params.id}`,
          title: definition.name,
          after: { version, note: body.note ?? null },
        });
        return show(tx, params.id);
      }),
    );
    return withEtag(reply, saved);
  },
  deletePlaybook: async (call) => {
    const { actor, params } = call;
    await tools.inTenant(actor, async (tx) => {
      const name = await deletePlaybook(tx, params.id, actorRef(actor));
      if (name === null) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'playbook.deleted',
        subject: `playbook:${params.id}`,
        title: name,
      });
    });
  },
  validatePlaybook: ({ actor, body }) => tools.inTenant(actor, async (tx) => (await readDocument(tx, body)).validation),

  listPlaybookVersions: ({ actor, params, query }) => tools.inTenant(actor, (tx) => listVersions(tx, params.id, query)),
  getPlaybookVersion: async ({ actor, params }) => {
    const { version, note, author, createdAt, hash, definition, yaml } = await tools.inTenant(actor, (tx) =>
      mustFind(tx, params.id, params.version),
    );
    return { version, note, author, createdAt: createdAt.toISOString(), hash, definition: definition as never, yaml };
  },
  comparePlaybookVersions: ({ actor, params, query }) =>
    tools.inTenant(actor, async (tx) => {
      const from = await mustFind(tx, params.id, query.from);
      const to = await mustFind(tx, params.id, query.to);
      const lines = diffLines(from.yaml, to.yaml).flatMap(({ value, added, removed }) =>
        value
          .replace(/\n$/, '')
          .split('\n')
          .map((text) => ({
            kind: added ? ('added' as const) : removed ? ('removed' as const) : ('same' as const),
            text,
          })),
      );
      return {
        from: query.from,
        to: query.to,
        lines,
        diff: createTwoFilesPatch(`version ${query.from}`, `version ${query.to}`, from.yaml, to.yaml),
      };
    }),
  restorePlaybookVersion: async (call) => {
    const { actor, params, reply } = call;
    const restored = await tools.inTenant(actor, (tx) =>
      refusing(undefined, async () => {
        const { definition, yaml } = await mustFind(tx, params.id, params.version);
        const note = `Version ${params.version} again`;
        const version = await savePlaybook(
          tx,
          params.id,
          { definition, yaml, note, actor: actorRef(actor) },
          undefined,
        );
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'playbook.restored',
          subject: `playbook:${params.id}`,
          title: definition.name,
          after: { from: params.version, version },
        });
        return show(tx, params.id);
      }),
    );
    return withEtag(reply, restored);
  },

  runPlaybook: (call) => {
    const { params, body } = call;
    return start(tools, call, {
      playbook: { id: params.id },
      version: body.version,
      inputs: body.inputs,
      title: body.title,
      tags: body.tags,
      isDryRun: body.dryRun,
    });
  },
  testPlaybookStep: async (call) => {
    const { actor, params, body } = call;
    const definition = await tools.inTenant(actor, async (tx) =>
      body.definition || body.yaml
        ? (await mustRead(tx, body, params.id)).definition
        : (await mustFind(tx, params.id, body.version)).definition,
    );
    const cut = cutToStep(definition, params.stepId, body.outputs);
    if (!cut) throw problem('playbook.step_unknown', { step: params.stepId });
    return start(tools, call, {
      playbook: { id: params.id },
      version: body.version,
      inputs: body.inputs,
      title: `Test of ${params.stepId}, ${definition.name}`,
      definition: cut.definition,
      carried: cut.carried,
      onlyHosts: body.hosts ?? null,
      tags: ['test'],
    });
  },
  planPlaybook: ({ actor, params, body, reservedId }) =>
    tools.inTenant(actor, async (tx) => {
      const definition = body.definition || body.yaml ? (await mustRead(tx, body, params.id)).definition : undefined;
      const prepared = await prepareRunInput(tx, {
        workspaceId: actor.workspaceId,
        id: reservedId,
        playbook: { id: params.id },
        version: body.version,
        definition,
        inputs: body.inputs,
        trigger: 'user',
        actor: actorRef(actor),
        isDryRun: true,
      });
      return planRun(tx, tools.vault, prepared.input, prepared.secret);
    }),

  getPlaybookTests: async ({ actor, params }) => ({
    tests: ((await tools.inTenant(actor, (tx) => readTests(tx, params.id))) ?? notFound()) as never,
  }),
  savePlaybookTests: async (call) => {
    const { actor, params, body } = call;
    await tools.inTenant(actor, async (tx) => {
      if (!(await saveTests(tx, params.id, body.tests))) throw problem('request.not_found');
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'playbook.tests_saved',
        subject: `playbook:${params.id}`,
        after: { tests: body.tests.length },
      });
    });
    return { tests: body.tests };
  },
  runPlaybookTests: ({ actor, params, body }) =>
    tools.inTenant(actor, async (tx) => {
      const definition =
        body.definition || body.yaml
          ? (await mustRead(tx, body, params.id)).definition
          : (await mustFind(tx, params.id)).definition;
      const tests = body.tests ?? (await readTests(tx, params.id)) ?? [];
      const results = tests.map((test) => {
        const { name, passed, differences, result } = runPlaybookTest({ definition, ...test });
        return {
          name,
          passed,
          differences: differences.map((difference) => ({ ...difference })),
          elapsedMs: result?.elapsedMs ?? null,
        };
      });
      const passed = results.filter((result) => result.passed).length;
      return { passed, failed: results.length - passed, results };
    }),
  getPlaybookSchema: () => playbookJsonSchema() as never,
}));

const notFound = (): never => {
  throw problem('request.not_found');
};

async function mustFind(tx: TenantTx, id: string, version?: number) {
  const found = await readPlaybook(tx, { id }, version);
  return found ?? notFound();
}

/** A playbook as the API shows it, hints of its newest version included. */
async function show(tx: TenantTx, id: string): Promise<Playbook> {
  const stored = await mustFind(tx, id);
  const summary = (await listPlaybooks(tx, { sort: 'name', limit: 1, id })).data[0] ?? notFound();
  const { hints } = await checkDocument(tx, stored.definition as unknown as Json, id);
  return {
    ...summary,
    definition: stored.definition as never,
    yaml: stored.yaml,
    note: stored.note,
    hints: hints.map((hint) => ({ code: hint.code, path: hint.path, message: hint.message })),
  };
}

/** A name beside the document is the document's name. */
const named = (body: {
  name?: string | undefined;
  definition?: Record<string, Json> | undefined;
  yaml?: string | undefined;
}) => (body.name !== undefined && body.definition ? { definition: { ...body.definition, name: body.name } } : body);

async function refusing<T>(name: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NameTaken) throw problem('playbook.name_taken', { name: name ?? 'this' });
    if (error instanceof StaleVersion) throw problem('request.stale');
    throw error;
  }
}

type Started = Pick<
  PlaybookStart,
  'playbook' | 'version' | 'inputs' | 'title' | 'tags' | 'isDryRun' | 'definition' | 'carried' | 'onlyHosts'
>;

/** Half of the process's connections: thousands of starts at once leave the other half to whoever reads. */
const inTurn = createTurns({ atOnce: 12, mostWaiting: 2_000, longestWaitMs: 8_000 });

/** Writes the run in one transaction with its audit entry; what it is admitted with starts after the commit. */
async function start(
  tools: ApiTools,
  call: Pick<Call<(typeof playbookRoutes)['runPlaybook']>, 'actor' | 'person' | 'request' | 'reservedId'>,
  what: Started,
): Promise<{ runId: string }> {
  const { actor, person, reservedId } = call;
  const write = async (tx: TenantTx) => {
    const started = await startPlaybookRun(tx, tools.vault, {
      ...what,
      workspaceId: actor.workspaceId,
      id: reservedId,
      trigger: actor.kind === 'key' ? 'api' : 'user',
      actor: actorRef(actor),
      actorEmail: person?.email,
    });
    if (started.isNew) {
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: what.isDryRun ? 'playbook.planned' : 'playbook.run',
        subject: `playbook:${started.input.playbook.id}`,
        title: started.input.title,
        after: { runId: started.runId },
      });
    }
    return started;
  };
  const { runId, admitted } = await inTurn(() => tools.inTenant(actor, write));
  tools.startRuns(admitted);
  return { runId };
}
