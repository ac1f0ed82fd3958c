const words: Readonly<Record<string, string>> = {
  hosts: 'Servers',
  url: 'Address',
  env: 'Environment',
  stdin: 'Standard input',
  cwd: 'Folder',
  okExitCodes: 'Exit codes that are fine',
  sudo: 'As root or another user',
  parallel: 'At a time',
  batch: 'Hosts a batch',
  canary: 'Canary',
  batchPause: 'Pause between batches',
  maxFailures: 'May fail',
  allowEmpty: 'No server is fine',
  durable: 'Survives a lost connection',
  to: 'To',
  if: 'Only if',
  that: 'Holds',
  on: 'On these errors',
  quorum: 'How many must approve',
  notStarter: 'Not by who started it',
  expires: 'Stands for',
  default: 'If nobody answers',
  onReject: 'A rejection',
  bindToPlan: 'Only for the plan shown',
  for: 'For',
  until: 'Until',
  as: 'Name of an item',
  failFast: 'Stop the others at once',
  collect: 'Collect',
  continueOnError: 'Go on after a failure',
  safeToRepeat: 'Safe to repeat',
  undoWhen: 'Undo applies',
  undoOn: 'Undo after',
  timeout: 'Time limit',
  backoff: 'Wait',
  factor: 'Each wait times',
  max: 'No wait longer than',
  jitter: 'Spread the waits',
  onBusy: 'Beyond it a run',
  anyTags: 'Any of the tags',
  tags: 'All of the tags',
  notTags: 'None of the tags',
  notNames: 'Not these names',
  names: 'Names',
  from: 'From a list',
  json: 'Answer holds',
  status: 'Statuses that are fine',
  followRedirects: 'Follow redirects',
  minLength: 'At least characters',
  maxLength: 'At most characters',
  minItems: 'At least',
  maxItems: 'At most',
  patternMessage: 'Said where it does not fit',
};

/** Where a field means something else than its namesakes: within a kind of step, or within another field. */
const ownWords: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  query: {
    query: 'Saved query',
    sql: 'Or a text of its own',
    unit: 'Business unit or instance',
    expect: 'Result holds',
  },
  timeWindow: { from: 'From', to: 'To' },
};

/**
 * What a field of the language is called on screen: `batchPause` is "Pause between batches".
 * @param within the kind of step, or the field, that it belongs to
 */
export const fieldWord = (name: string, within = ''): string => {
  const known = ownWords[within]?.[name] ?? words[name];
  if (known !== undefined) return known;
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

/** Text fields of several lines. */
export const longTexts: ReadonlySet<string> = new Set([
  'command',
  'script',
  'content',
  'message',
  'stdin',
  'description',
  'body',
  'sql',
]);
/** Fields that hold code: they stand in the face of code. */
export const codeTexts: ReadonlySet<string> = new Set([
  'command',
  'script',
  'content',
  'stdin',
  'url',
  'to',
  'cwd',
  'shell',
  'interpreter',
  'mode',
  'owner',
  'pattern',
  'body',
  'sql',
]);
