import { z } from 'zod';
import {
  boundedText,
  type IncomingAlert,
  instantText,
  keyOfLabels,
  labelsOf,
  linksOf,
  type ReadAlerts,
} from '../incoming-alert.ts';
import { severityOfWord } from '../severity.ts';
import { readBody } from './read-body.ts';

const Labels = z.record(z.string(), z.string());
const Time = z.string().nullish();

/** One alert of a group, as Alertmanager and Grafana send it (alerts.md §2, §3). */
const GroupedAlert = z.object({
  status: z.string(),
  labels: Labels.default({}),
  annotations: Labels.default({}),
  startsAt: Time,
  endsAt: Time,
  generatorURL: z.string().nullish(),
  fingerprint: z.string().max(200).nullish(),
  // Grafana's own.
  values: z.record(z.string(), z.unknown()).nullish(),
  valueString: z.string().nullish(),
  silenceURL: z.string().nullish(),
  dashboardURL: z.string().nullish(),
  panelURL: z.string().nullish(),
  imageURL: z.string().nullish(),
});
type GroupedAlert = z.infer<typeof GroupedAlert>;

export const AlertGroup = z.object({
  version: z.string().nullish(),
  groupKey: z.string().max(10_000).nullish(),
  truncatedAlerts: z.int().nonnegative().nullish(),
  status: z.string().nullish(),
  externalURL: z.string().nullish(),
  alerts: z.array(GroupedAlert).max(20_000),
});

/** How bad an alert is by its labels; no label is information. */
export const severityOfLabels = (labels: Readonly<Record<string, string>>) =>
  severityOfWord(labels['severity']) ?? severityOfWord(labels['priority']) ?? severityOfWord(labels['level']) ?? 'info';

function alertOf(alert: GroupedAlert, groupKey: string | null): IncomingAlert {
  const { labels, annotations } = alert;
  const summary = annotations['summary'] ?? annotations['title'];
  const description = annotations['description'] ?? annotations['message'] ?? alert.valueString ?? '';
  return {
    key: alert.fingerprint || keyOfLabels(labels),
    groupKey,
    status: alert.status === 'resolved' ? 'resolved' : 'firing',
    severity: severityOfLabels(labels),
    title: boundedText(summary || labels['alertname'] || 'Alert without a name', 500),
    description: boundedText(description),
    labels: labelsOf(alert.values ? { ...labels, ...valueLabels(alert.values) } : labels),
    startsAt: instantText(alert.startsAt),
    endsAt: instantText(alert.endsAt),
    links: linksOf([
      ['Source', alert.generatorURL],
      ['Runbook', annotations['runbook_url']],
      ['Dashboard', alert.dashboardURL],
      ['Panel', alert.panelURL],
      ['Picture', alert.imageURL],
      ['Silence', alert.silenceURL],
    ]),
  };
}

/** Grafana's measured values, by the letter of their query. They are no part of the key: they change at each firing. */
const valueLabels = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([ref, value]) => [`value.${ref}`, value]));

/** The webhook of Prometheus Alertmanager, and of Grafana, which is a superset (alerts.md §2, §3). */
export const readAlertGroup = (body: unknown): ReadAlerts =>
  readBody(AlertGroup, body, 'group of alerts by Alertmanager or Grafana', (group) => ({
    ok: true,
    alerts: group.alerts.map((alert) => alertOf(alert, group.groupKey ?? null)),
    leftOut: group.truncatedAlerts ?? 0,
  }));

const PrometheusAlerts = z.array(GroupedAlert.omit({ status: true })).max(20_000);

/**
 * What Prometheus itself posts to `/api/v2/alerts`. It sends an alert again every minute while it fires, and says until
 * when it holds: an alert whose end has come is resolved.
 * @param nowMs the time of receipt
 */
export const readPrometheusAlerts = (body: unknown, nowMs: number): ReadAlerts =>
  readBody(PrometheusAlerts, body, 'list of alerts by Prometheus', (alerts) => ({
    ok: true,
    alerts: alerts.map((alert) => {
      const ends = instantText(alert.endsAt);
      const status = ends !== null && Date.parse(ends) <= nowMs ? 'resolved' : 'firing';
      return alertOf({ ...alert, status }, null);
    }),
  }));

const LegacyGrafana = z.object({
  title: z.string(),
  ruleId: z.union([z.int(), z.string()]),
  ruleName: z.string().nullish(),
  ruleUrl: z.string().nullish(),
  state: z.string(),
  message: z.string().nullish(),
  imageUrl: z.string().nullish(),
  tags: z.record(z.string(), z.unknown()).nullish(),
  evalMatches: z
    .array(
      z.object({
        value: z.number().nullish(),
        metric: z.string().nullish(),
        tags: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
});

/** Grafana before version 9: one alert by rule, without labels of its own (alerts.md §3). */
export const readLegacyGrafana = (body: unknown): ReadAlerts =>
  readBody(LegacyGrafana, body, 'alert by Grafana', (alert) => {
    // A rule that is paused is not looked at any more: nothing is known of it, as little as of one that is only pending.
    if (alert.state === 'paused' || alert.state === 'pending') return { ok: true, alerts: [] };
    const values = (alert.evalMatches ?? []).map(({ metric, value }) => `${metric ?? 'value'} = ${value ?? 'none'}`);
    const labels = labelsOf({ ...alert.tags, ruleName: alert.ruleName });
    return {
      ok: true,
      alerts: [
        {
          key: `rule ${alert.ruleId}`,
          groupKey: null,
          status: alert.state === 'ok' ? 'resolved' : 'firing',
          severity: severityOfWord(labels['severity']) ?? (alert.state === 'no_data' ? 'warning' : 'high'),
          title: boundedText(alert.title || alert.ruleName || 'Alert without a name', 500),
          description: boundedText([alert.message ?? '', ...values].filter(Boolean).join('\n')),
          labels,
          startsAt: null,
          endsAt: null,
          links: linksOf([
            ['Rule', alert.ruleUrl],
            ['Picture', alert.imageUrl],
          ]),
        },
      ],
    };
  });

/** Grafana's webhook of any version: groups, or the single alerts of old. */
export const readGrafana = (body: unknown): ReadAlerts =>
  typeof body === 'object' && body !== null && 'ruleId' in body ? readLegacyGrafana(body) : readAlertGroup(body);
