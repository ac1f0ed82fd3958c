import type { IncidentSeverity } from '../alerts/alert-rules.ts';
import type { EscalationTarget } from '../oncall/escalation.ts';

export const pageActs = ['acknowledge', 'resolve', 'escalate'] as const;
export type PageAct = (typeof pageActs)[number];
export const actLabels: Readonly<Record<PageAct, string>> = {
  acknowledge: 'Acknowledge',
  resolve: 'Resolve',
  escalate: 'Escalate',
};

/** Somebody is to be told of something, and may act from the message. */
export interface Page {
  /** The same again is told once, to each recipient. */
  dedupKey: string;
  targets: readonly EscalationTarget[];
  incidentId: string | null;
  severity: IncidentSeverity | null;
  subject: string;
  text: string;
  /** Where the console shows it, such as `/incidents/…`. */
  path: string;
  acts: readonly PageAct[];
  /** Passes through quiet hours. */
  isUrgent: boolean;
  at: Date;
}

export interface PageAnswer {
  told: { personId: string | null; channelId: string | null; name: string; how: string }[];
  unreached: { target: EscalationTarget; why: string }[];
}
