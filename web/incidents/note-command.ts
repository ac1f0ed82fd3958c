import { incidentSeverities, type IncidentSeverity } from '#contracts/alerts/alert-rules.ts';

/** What a note that begins with a slash does instead of being written down. */
export type NoteCommand =
  | { does: 'assign'; personId: string }
  | { does: 'severity'; severity: IncidentSeverity }
  | { does: 'page' }
  | { does: 'playbook' }
  | { does: 'unknown'; why: string };

interface Named {
  id: string;
  name: string;
}

/**
 * Reads `/assign Hana`, `/sev 2`, `/page` and `/playbook`.
 * @returns undefined for a note that is no command
 */
export function readNoteCommand(text: string, people: readonly Named[], me: string): NoteCommand | undefined {
  const [, word, rest = ''] = /^\/(\w+)(?:\s+(.*))?$/.exec(text.trim()) ?? [];
  if (word === undefined) return undefined;
  if (word === 'page') return { does: 'page' };
  if (word === 'playbook') return { does: 'playbook' };
  if (word === 'sev') {
    const severity = incidentSeverities.find((one) => one === `sev${rest.replace(/^sev/i, '').trim()}`);
    return severity ? { does: 'severity', severity } : { does: 'unknown', why: 'Severities are /sev 1 to /sev 4.' };
  }
  if (word === 'assign') {
    const name = rest.replace(/^@/, '').trim().toLowerCase();
    if (name === 'me') return { does: 'assign', personId: me };
    const found = people.filter((one) => name !== '' && one.name.toLowerCase().includes(name));
    const exact = found.find((one) => one.name.toLowerCase() === name) ?? (found.length === 1 ? found[0] : undefined);
    if (exact) return { does: 'assign', personId: exact.id };
    return { does: 'unknown', why: found.length > 1 ? 'Several people have that name.' : 'Nobody has that name.' };
  }
  return { does: 'unknown', why: 'There are /assign, /sev, /page and /playbook.' };
}
