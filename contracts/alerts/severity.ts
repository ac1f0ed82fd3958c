import { z } from 'zod';

/** Severities of alerts and log events, the worst first. */
export const alertSeverities = ['critical', 'high', 'warning', 'info', 'debug'] as const;
export const AlertSeverity = z.enum(alertSeverities);
export type AlertSeverity = z.infer<typeof AlertSeverity>;

/** As stored: OpenTelemetry's severity number, so that logs and alerts sort alike. */
export const severityNumber: Readonly<Record<AlertSeverity, number>> = {
  critical: 21,
  high: 17,
  warning: 13,
  info: 9,
  debug: 5,
};

/** The severity of an OpenTelemetry number, 1–24; 0 and what is out of range are no severity. */
export function severityOfNumber(number: number): AlertSeverity | null {
  if (!Number.isInteger(number) || number < 1 || number > 24) return null;
  if (number >= 21) return 'critical';
  if (number >= 17) return 'high';
  if (number >= 13) return 'warning';
  return number >= 9 ? 'info' : 'debug';
}

/** The severity of a syslog level, 0 (emergency) to 7 (debug). */
export function severityOfSyslog(level: number): AlertSeverity {
  if (level <= 2) return 'critical';
  if (level === 3) return 'high';
  if (level === 4) return 'warning';
  return level <= 6 ? 'info' : 'debug';
}

const words = new Map<string, AlertSeverity>(Object.entries({
  critical: 'critical', crit: 'critical', fatal: 'critical', emergency: 'critical', emerg: 'critical', alert: 'critical',
  disaster: 'critical', page: 'critical', p1: 'critical', sev1: 'critical',
  high: 'high', error: 'high', err: 'high', major: 'high', p2: 'high', sev2: 'high',
  warning: 'warning', warn: 'warning', medium: 'warning', average: 'warning', minor: 'warning', p3: 'warning', sev3: 'warning',
  info: 'info', information: 'info', informational: 'info', notice: 'info', none: 'info', ok: 'info', success: 'info',
  p4: 'info', sev4: 'info',
  debug: 'debug', trace: 'debug', low: 'debug', p5: 'debug', sev5: 'debug',
} as const)); // prettier-ignore

/**
 * The severity that a sender's word stands for, in any case (alerts.md §1); null where the word says nothing to us, so
 * that the caller can take the next place to look.
 */
export const severityOfWord = (word: string | null | undefined): AlertSeverity | null =>
  words.get(word?.trim().toLowerCase() ?? '') ?? null;
