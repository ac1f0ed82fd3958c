import type { TreeStep } from '../document/read-playbook.ts';

const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : Array.isArray(value) ? value.join(', ') : '';
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function targetOf({ kind, value }: TreeStep): string {
  const hosts = record(value['hosts']);
  switch (kind) {
    case 'ssh':
    case 'script':
    case 'upload':
      return word(hosts['tags']) || word(hosts['names']) || word(hosts['anyTags']) || word(hosts['from']);
    case 'http':
      return word(value['method']);
    case 'approve':
      return word(value['roles']) || word(value['users']);
    case 'wait':
      return word(value['for']) || word(value['until']);
    case 'notify':
      return word(value['to']);
    case 'playbook':
      return word(value['playbook']);
    case 'query':
      return word(value['query']) || word(value['connection']);
    case 'each':
      return typeof value['items'] === 'string' ? value['items'].replace(/^\$\{\{\s*|\s*\}\}$/g, '') : '';
    case 'if':
      return word(value['condition']);
    case 'switch':
      return word(value['on']);
    default:
      return '';
  }
}

/** The second line of a node: its kind, what it is about, how often it is tried, when at all. */
export function hintOf(step: TreeStep): string {
  const attempts = record(step.value['retry'])['attempts'];
  return [
    step.kind,
    targetOf(step),
    typeof attempts === 'number' && attempts > 1 ? `${attempts} tries` : '',
    typeof step.value['if'] === 'string' ? `if ${step.value['if']}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
