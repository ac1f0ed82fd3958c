import { z } from 'zod';
import { audienceUsersNeeded } from '#contracts/queries/amc/sensitivity.ts';
import type { ParameterValue } from '#contracts/queries/amc/parameters.ts';
import { type Compiled, taskOf } from './compile.ts';
import { usualFormat } from './engine/csv.ts';
import { type Exchange, json, page, read, refuse, type Route, route, signedIn } from './exchange.ts';
import { compiled, type Saved, WorkflowBody } from './workflows.ts';
import type { Instance, World } from './world.ts';

const moment = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
const Common = {
  audienceName: z.string().min(1).max(128),
  audienceDescription: z.string().max(1_000).optional(),
  advertiserId: z.union([z.string(), z.number()]),
  countryCode: z.string().length(2).optional(),
};
const AudienceBody = z.object({
  ...Common,
  query: z.string().optional(),
  workflowId: z.string().optional(),
  timeWindowStart: moment,
  timeWindowEnd: moment,
  timeWindowRelative: z.boolean().optional(),
  refreshRateDays: z.int().min(0).max(21).default(21),
  inputParameters: WorkflowBody.shape.inputParameters,
  parameterValues: z.record(z.string(), z.unknown()).default({}),
});
const LookalikeBody = z.object({
  ...Common,
  seedAudienceId: z.string(),
  refreshRateDays: z.int().min(7).max(21).default(21),
  lookalikeAudienceExpectedReach: z.enum(['MOST_SIMILAR', 'SIMILAR', 'BALANCED', 'BROAD', 'MOST_BROAD']),
});
interface Audience {
  readonly id: string;
  readonly instanceId: string;
  asked: Record<string, unknown>;
  status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  description: string;
  people: number;
}

/** Audiences made by queries (AMC §4.6). */
export function audienceRoutes(world: World, saved: Saved): readonly Route[] {
  const audiences: Audience[] = [];
  const enter = (exchange: Exchange): Instance => {
    signedIn(exchange);
    const id = exchange.headers['amazon-marketing-cloud-audience-instanceid'];
    const entity = exchange.headers['amazon-advertising-api-entityid'];
    const instance = world.instances.find(({ instanceId }) => instanceId === id);
    if (!instance) throw refuse(400, 'Header Amazon-Marketing-Cloud-Audience-InstanceId is missing or unknown.');
    if (instance.accountId !== entity) throw refuse(403, 'The entity has no access to this instance.');
    return instance;
  };
  const shown = ({ id, status, description, asked }: Audience) => ({
    audienceExecutionId: id,
    audienceExecutionDescription: description,
    audienceName: asked['audienceName'],
    status,
  });

  const count = async (ready: Compiled, body: z.infer<typeof AudienceBody>) =>
    world.engine.run(
      taskOf(ready, {
        window: { fromMs: Date.parse(body.timeWindowStart), toMs: Date.parse(body.timeWindowEnd) },
        windowStart: body.timeWindowStart.replace('Z', '.000'),
        windowEnd: body.timeWindowEnd.replace('Z', '.000'),
        parameters: body.parameterValues as Record<string, ParameterValue>,
        removesValues: false,
        discriminator: '',
        distinctUsers: '',
        reason: '',
        format: usualFormat,
        rowsPerPart: 1_000_000,
        // The ids stay within: nothing is output, so nothing is hidden.
        isPrivacyOn: false,
        countsPeople: true,
      }),
    );
  const finish = (audience: Audience, people: number, least: number): void => {
    audience.people = people;
    audience.status = people >= least ? 'SUCCEEDED' : 'FAILED';
    audience.description =
      people >= least
        ? 'The audience was created.'
        : `The audience does not meet the minimum of ${least.toLocaleString('en-US')} users.`;
  };
  const begin = (exchange: Exchange, instance: Instance, audience: Audience): void => {
    const body = read(exchange, AudienceBody);
    if ((body.query === undefined) === (body.workflowId === undefined))
      throw refuse(400, 'Exactly one of query and workflowId must be given.');
    const workflow: WorkflowBody | undefined =
      body.query === undefined
        ? saved.workflows(instance.instanceId).get(body.workflowId ?? '')
        : { sqlQuery: body.query, inputParameters: body.inputParameters };
    if (!workflow) throw refuse(404, `Workflow ${body.workflowId ?? ''} does not exist.`);
    const ready = compiled(workflow, true);
    if (!ready.outputs.some(({ name }) => name.toLowerCase() === 'user_id'))
      throw refuse(400, 'An audience query must output user_id.');
    audience.asked = body;
    audience.status = 'PENDING';
    audience.description = '';
    world.later(world.knobs.audienceMs / 2, () => {
      audience.status = 'RUNNING';
      world.later(world.knobs.audienceMs / 2, () => {
        void count(ready, body).then((answer) => {
          if (answer.ok) return finish(audience, answer.people, audienceUsersNeeded);
          audience.status = 'FAILED';
          audience.description = answer.message;
        });
      });
    });
  };
  const make = (instance: Instance): Audience => ({
    id: world.id(),
    instanceId: instance.instanceId,
    asked: {},
    status: 'PENDING',
    description: '',
    people: 0,
  });
  const known = (exchange: Exchange) => {
    const instance = enter(exchange);
    const audience = audiences.find(
      ({ id, instanceId }) => id === exchange.params[0] && instanceId === instance.instanceId,
    );
    if (!audience) throw refuse(404, 'The audience does not exist.');
    return { instance, audience };
  };
  const failedOnly = ({ status }: Audience): void => {
    if (status !== 'FAILED') throw refuse(400, 'Only an audience that failed can be changed or deleted.');
  };
  const base = '/amc/audiences/query';
  return [
    route('POST', base, (exchange) => {
      const instance = enter(exchange);
      const audience = make(instance);
      begin(exchange, instance, audience);
      audiences.push(audience);
      return json(shown(audience));
    }),
    route('GET', base, (exchange) => {
      const instance = enter(exchange);
      const { items, nextToken } = page(
        exchange,
        audiences.filter(({ instanceId }) => instanceId === instance.instanceId),
      );
      return json({ executionMetadata: items.map(shown), maxResults: items.length, ...(nextToken && { nextToken }) });
    }),
    route('GET', `${base}/{id}`, (exchange) => json(shown(known(exchange).audience))),
    route('PUT', `${base}/{id}`, (exchange) => {
      const { instance, audience } = known(exchange);
      failedOnly(audience);
      begin(exchange, instance, audience);
      return json(shown(audience));
    }),
    route('DELETE', `${base}/{id}`, (exchange) => {
      const { audience } = known(exchange);
      failedOnly(audience);
      audiences.splice(audiences.indexOf(audience), 1);
      return json({});
    }),
    route('POST', '/amc/audiences/lookalike', (exchange) => {
      const instance = enter(exchange);
      const body = read(exchange, LookalikeBody);
      const seed = audiences.find(({ id }) => id === body.seedAudienceId);
      if (seed?.status !== 'SUCCEEDED') throw refuse(400, 'The seed audience must have succeeded.');
      const audience = { ...make(instance), asked: body };
      audiences.push(audience);
      world.later(world.knobs.audienceMs, () => finish(audience, seed.people * 10, 5_000));
      return json(shown(audience));
    }),
  ];
}
