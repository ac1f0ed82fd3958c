/* oxlint-disable unicorn/no-thenable -- `then` is a field of the language */
import type { StepKind } from '../document.ts';
import {
  any,
  boolean,
  cel,
  duration,
  either,
  field,
  fixed,
  list,
  map,
  number,
  object,
  oneOf,
  percent,
  required,
  steps,
  text,
  whole,
} from './shape.ts';
import type { Fields } from './shape.ts';

/** What every step may have (§5), beside `id` and `kind`. */
export const commonFields: Fields = {
  id: fixed(text({ form: 'id' }), 'Names the step for ever: expressions, rerun, events and metrics use it.', {
    isRequired: true,
  }),
  kind: fixed(text(), 'What the step does.', { isRequired: true }),
  name: fixed(text(), 'Title of the step.'),
  description: field(text(), 'What the step is for; shown beside it.'),
  if: field(cel(), 'Runs only where this holds; else the step and all inside it are skipped.', { default: 'true' }),
  retry: fixed(
    object({
      attempts: fixed(whole(1, 20), 'How often in all, the first time included.', { isRequired: true }),
      backoff: fixed(duration(), 'Wait before the second attempt.', { default: '1s' }),
      factor: fixed(number({ least: 1 }), 'Each wait is so many times the last.', { default: 2 }),
      max: fixed(duration(), 'No wait is longer.', { default: '5m' }),
      jitter: fixed(boolean, 'Spreads the waits at random.', { default: false }),
      on: fixed(list(text()), 'Only these error codes; default: every code that is retryable.'),
    }),
    'Tries again when an attempt fails.',
  ),
  timeout: field(duration(), 'Of one attempt (on hosts: of one host’s attempt); a container’s is of the whole.'),
  continueOnError: field(boolean, 'The flow goes on when the step has failed; the run may still succeed.', {
    default: false,
  }),
  onFailure: field(steps, 'Steps that run once when it has finally failed, before the failure goes on.'),
  undo: field(steps, 'Steps that take it back when the run fails later.'),
  undoWhen: fixed(
    oneOf('succeeded', 'started'),
    'When undo applies: only where it succeeded, or also where it began.',
    { default: 'succeeded' },
  ),
  lock: field(
    object({
      name: field(text({ least: 1 }), 'The lock’s name in the workspace.', { isRequired: true }),
      limit: fixed(whole(1), 'How many may hold it at once.', { default: 1 }),
      wait: field(duration(), 'How long to wait for it.', { default: '30m' }),
    }),
    'A workspace-wide slot, held while the step runs.',
  ),
  safeToRepeat: field(boolean, 'May run again when nobody knows whether it ran.'),
  sensitive: field(boolean, 'Its output is kept sealed and is a Secret in expressions.', { default: false }),
};

const share = either(whole(0), percent);
const portion = either(whole(1), percent);
const texts = list(text());

const hosts = required(
  object({
    names: field(texts, 'Names, also with * and ?.'),
    from: field(texts, 'Usually a template that gives a list of names or ids.'),
    tags: field(texts, 'Servers that have all of these tags.'),
    anyTags: field(texts, 'Servers that have one of these tags.'),
    notTags: field(texts, 'But none that has one of these.'),
    notNames: field(texts, 'But none of these names, also with * and ?.'),
    order: fixed(oneOf('name', 'listed'), 'By name, or as listed.', { default: 'name' }),
  }),
  'Which servers; chosen once, as the step starts.',
);

/** Batching over hosts, the same for ssh, script and upload. */
const rolling: Fields = {
  parallel: field(whole(1, undefined, 'hostsParallel'), 'How many hosts at a time within a batch.', { default: 20 }),
  batch: field(
    either(whole(1), percent, list(portion, { least: 1 })),
    'Hosts a batch: a number, a percentage, or a list of them whose last repeats.',
  ),
  canary: field(portion, 'A first batch; any failure in it stops the step.'),
  batchPause: field(duration(), 'Wait between batches.'),
  maxFailures: field(share, 'So many hosts may fail.', { default: 0 }),
  allowEmpty: field(boolean, 'Succeeds where no host matches.', { default: false }),
};
const sudo = fixed(either(boolean, text({ least: 1 })), 'true: as root; or as this user.');
const perHost = { isPerHost: true } as const;

const commands: Fields = {
  sudo,
  env: field(map(any, 'environment'), 'Environment variables; secrets may stand here.', { secrets: true, ...perHost }),
  stdin: field(text(), 'What the command reads; secrets may stand here.', { secrets: true, ...perHost }),
  cwd: field(text(), 'Folder to run in.', perHost),
};
const running: Fields = {
  durable: field(boolean, 'Runs detached on the host, so that it survives a lost connection and a dead worker.', {
    default: true,
  }),
  okExitCodes: field(list(whole(0, 255), { least: 1 }), 'Exit codes that count as success.', { default: [0] }),
  timeout: field(duration(), 'Of one host’s attempt.', { default: '10m' }),
};

const status = whole(100, 599);
const statusText = text({ form: 'status' });

const approvalForm = field({ is: 'inputs' }, 'Inputs that the decider fills in.', { templates: 'static' });

export interface KindShape {
  /** One line for authors. */
  readonly help: string;
  readonly fields: Fields;
  readonly mayRetry: boolean;
}

/** Kinds and their fields (§6). */
export const kinds: Readonly<Record<StepKind, KindShape>> = {
  ssh: {
    help: 'Runs a command on servers.',
    mayRetry: true,
    fields: {
      hosts,
      command: required(text({ limit: 'commandBytes' }), 'Shell text; each template becomes quoted words.', {
        templates: 'command',
        ...perHost,
      }),
      ...commands,
      shell: field(text(), 'The shell that reads the command.', { default: '/bin/sh', ...perHost }),
      ...rolling,
      ...running,
    },
  },
  script: {
    help: 'Runs a script on servers.',
    mayRetry: true,
    fields: {
      hosts,
      script: required(
        text({ limit: 'scriptBytes' }),
        'The body; it takes data by args, env and stdin, never by templates.',
        { templates: 'static' },
      ),
      interpreter: fixed(text(), 'What runs the script.', { default: '/bin/sh' }),
      args: field(list(any), 'Arguments; a template that gives a list spreads.', perHost),
      ...commands,
      ...rolling,
      ...running,
    },
  },
  upload: {
    help: 'Puts a file on servers, by a temporary file and a rename.',
    mayRetry: true,
    fields: {
      hosts,
      to: required(text({ least: 1 }), 'Path on the server.', perHost),
      content: field(text(), 'What the file holds.', perHost),
      artifact: field(text(), 'A stored file instead of content, by its name or id.', perHost),
      mode: field(text(), 'Permissions, such as "0644".', perHost),
      owner: field(text(), 'user or user:group.', perHost),
      sudo,
      backup: field(boolean, 'Keeps the old file beside it.', { default: false }),
      ...rolling,
    },
  },
  http: {
    help: 'Calls an HTTP service.',
    mayRetry: true,
    fields: {
      method: required(text({ oneOf: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] }), 'The method.'),
      url: required(text({ least: 1 }), 'The address; use urlEncode(…) and urlQuery(…) for its parts.'),
      headers: field(map(any), 'Headers; secrets may stand here.', { secrets: true }),
      query: field(map(any), 'Query parameters.'),
      body: field(any, 'Text, or a value that is sent as JSON; secrets may stand here.', { secrets: true }),
      auth: field(map(any), 'Sign-in, such as {bearer} or {user, password}; secrets may stand here.', {
        secrets: true,
      }),
      expect: field(
        object({
          status: field(
            either(status, statusText, list(either(status, statusText), { least: 1 })),
            'Statuses that count as success.',
            { default: ['2xx'] },
          ),
          json: field(cel(), 'CEL over `response` that must hold.', { local: 'response' }),
        }),
        'What counts as success.',
      ),
      followRedirects: field(boolean, 'Follows redirects, each checked anew.', { default: false }),
      timeout: field(duration(), 'Of one attempt.', { default: '30s' }),
    },
  },
  connector: {
    help: 'Calls an operation of a connector.',
    mayRetry: true,
    fields: {
      connector: fixed(text({ least: 1 }), 'Which connector.', { isRequired: true }),
      operation: fixed(text({ least: 1 }), 'Which of its operations.', { isRequired: true }),
      connection: field(text(), 'Which connection, where there are several.'),
      params: field(map(any), 'The operation’s parameters; secrets may stand here.', { secrets: true }),
      timeout: field(duration(), 'Of one attempt.', { default: '2m' }),
    },
  },
  query: {
    help: 'Runs a query and counts its rows; rows are kept nowhere.',
    mayRetry: true,
    fields: {
      query: fixed(text({ least: 1 }), 'A saved query, by its name or id; or give sql.', { names: 'query' }),
      version: fixed(whole(1), 'Its version; default: the newest when the step starts.'),
      sql: fixed(text({ least: 1, limit: 'queryBytes' }), 'The text instead; it takes values by {{ name }} alone.'),
      connection: field(text({ least: 1 }), 'Where it runs, by name or id; default: where the saved query does.', {
        names: 'connection',
      }),
      unit: field(text({ least: 1 }), 'Business unit or instance; default: the connection’s.', { names: 'unit' }),
      parameters: field(map(any), 'Values by name, bound and never pasted; they stand in the history of queries.'),
      timeWindow: field(
        object({
          from: required(text({ least: 1 }), 'Its begin: a time, or a relative one such as start of month.'),
          to: required(text({ least: 1 }), 'Its end.'),
          timeZone: field(text({ least: 1 }), 'In which relative times are read.', { default: 'UTC' }),
        }),
        'The span of time it looks at.',
      ),
      options: field(map(any), 'What only one kind of service understands.'),
      expect: field(cel(), 'CEL over `result`, {rowCount, columns}, that must hold, such as result.rowCount > 0.', {
        local: 'result',
      }),
    },
  },
  notify: {
    help: 'Tells people or channels.',
    mayRetry: true,
    fields: {
      to: required(list(either(text({ least: 1 }), map(any)), { least: 1 }), 'Channels, people, or {channel, …}.'),
      message: required(text(), 'The text.'),
      subject: field(text(), 'The subject, where there is one.'),
      timeout: field(duration(), 'Of one attempt.', { default: '30s' }),
    },
  },
  approve: {
    help: 'Asks people and waits for their decision.',
    mayRetry: false,
    fields: {
      roles: fixed(texts, 'Roles that may decide.'),
      users: fixed(texts, 'People that may decide.'),
      message: field(text(), 'The question.'),
      form: approvalForm,
      quorum: field(whole(1), 'How many must approve.', { default: 1 }),
      notStarter: field(boolean, 'Not by who started the run.', { default: false }),
      expires: field(duration(), 'How long the question stands.', { default: '7d' }),
      default: fixed(oneOf('approve', 'reject'), 'What holds when nobody has answered.'),
      onReject: fixed(oneOf('fail', 'continue'), 'What a rejection does.', { default: 'fail' }),
      bindToPlan: field(boolean, 'The approval holds only for the plan that was shown.', { default: false }),
    },
  },
  wait: {
    help: 'Waits for a time, or until one.',
    mayRetry: false,
    fields: {
      for: field(duration(), 'How long.'),
      until: field(text({ form: 'instant' }), 'Until when; an instant that has passed ends the wait at once.'),
    },
  },
  parallel: {
    help: 'Runs branches side by side.',
    mayRetry: true,
    fields: {
      branches: required(list(steps, { least: 1, limit: 'branches' }), 'Lists of steps.'),
      failFast: field(boolean, 'A failed branch cancels the others.', { default: false }),
    },
  },
  each: {
    help: 'Runs steps for each item of a list or map.',
    mayRetry: true,
    fields: {
      items: required(
        either(list(any, { limit: 'eachItems' }), map(any)),
        'A list, or a map whose items are {key, value}.',
      ),
      steps: required(steps, 'What runs for each.'),
      as: fixed(text({ form: 'id' }), 'Another name for item; index is then also its name with Index.'),
      parallel: field(whole(1, undefined, 'eachParallel'), 'How many at a time.', { default: 1 }),
      maxFailures: field(share, 'So many may fail.', { default: 0 }),
      failFast: field(boolean, 'Beyond maxFailures running ones are canceled.', { default: false }),
      collect: field(any, 'A value taken at the end of each that went well.'),
    },
  },
  if: {
    help: 'Chooses between two lists of steps.',
    mayRetry: false,
    fields: {
      condition: required(cel(), 'Which of them.'),
      then: required(steps, 'Where it holds.'),
      else: field(steps, 'Where it does not.'),
    },
  },
  switch: {
    help: 'Chooses a list of steps by a value.',
    mayRetry: false,
    fields: {
      on: required(cel('any'), 'The value.'),
      cases: required(
        list(
          object({
            when: required(any, 'A value, or a list of them.'),
            steps: required(steps, 'What runs then.'),
          }),
          { least: 1, limit: 'cases' },
        ),
        'The first that fits runs.',
      ),
      default: field(steps, 'What runs where none fits.'),
    },
  },
  assert: {
    help: 'Fails where a condition does not hold.',
    mayRetry: false,
    fields: {
      that: required(
        either(
          cel(),
          list(
            either(
              cel(),
              object({
                that: required(cel(), 'The condition.'),
                message: field(text(), 'What to say where it fails.'),
              }),
            ),
            { least: 1 },
          ),
          object({ that: required(cel(), 'The condition.'), message: field(text(), 'What to say where it fails.') }),
        ),
        'A condition, or a list of them.',
      ),
      message: field(text(), 'What to say where it fails.'),
    },
  },
  set: {
    help: 'Makes values for later steps.',
    mayRetry: false,
    fields: { values: required(map(any), 'Names and values.') },
  },
  playbook: {
    help: 'Runs another playbook and waits for it.',
    mayRetry: true,
    fields: {
      playbook: fixed(text({ least: 1 }), 'Its name or id.', { isRequired: true }),
      version: fixed(whole(1), 'A version; default: the newest when the top run starts.'),
      inputs: field(map(any), 'Its inputs.', { secrets: 'inputs' }),
    },
  },
  fail: {
    help: 'Ends with a failure of its own.',
    mayRetry: false,
    fields: {
      message: required(text(), 'The reason.'),
      code: field(text({ least: 1 }), 'The error code.', { default: 'run.failed_by_step' }),
    },
  },
};

/** Kinds that will come: they are known, so that the message can say so. */
export const laterKinds: readonly string[] = ['agent', 'task', 'incident'];

export const isKind = (kind: string): kind is StepKind => Object.hasOwn(kinds, kind);

/** A kind's fields with the common ones; the kind's own description wins. */
export const fieldsOfKind = (kind: StepKind): Fields => ({ ...commonFields, ...kinds[kind].fields });

/** What holds where a step does not say: `defaultOf('ssh', 'timeout')` is `10m`. */
export const defaultOf = (kind: StepKind, name: string): Field['default'] => fieldsOfKind(kind)[name]?.default;
type Field = Fields[string];
