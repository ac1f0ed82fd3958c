import type { AnyRouter } from '@tanstack/react-router';
import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricType } from 'web-vitals';
import type { ConsolePage } from '#contracts/vitals/console-pages.ts';
import type { VitalSample } from '#contracts/vitals/vitals.ts';
import { addressOf, send } from './api.ts';
import { routeTable } from './route-table.ts';
import { currentWorkspace } from './workspace.ts';

const SEND_EVERY_MS = 30_000;
const MOST_AT_ONCE = 100;

/** The page by its template, as the figures are kept: `/w/$workspace/runs/$runId`. */
const templateOf = (router: AnyRouter): ConsolePage =>
  (router.state.matches.at(-1)?.fullPath.replace(/(?<=.)\/$/, '') || '/') as ConsolePage;

/**
 * Measures this visit and reports it: what the browser tells of the page, and how long each change of page took. Figures
 * wait until a workspace is open, go out in batches, and at the latest when the page is left.
 */
export function reportVitals(router: AnyRouter): void {
  const waiting: VitalSample[] = [];
  const flush = () => {
    if (waiting.length === 0 || !currentWorkspace()) return;
    const samples = waiting.splice(0, MOST_AT_ONCE);
    void send(addressOf('reportVitals'), {
      method: routeTable.reportVitals.method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ samples }),
      keepalive: true, // outlives the page that is left
    }).catch(() => undefined); // a figure that is lost hurts nobody
  };
  const add = (sample: VitalSample) => {
    if (waiting.length < MOST_AT_ONCE) waiting.push(sample);
    // The last figures of a visit come as it ends; there is no later.
    if (document.visibilityState === 'hidden') queueMicrotask(flush);
  };
  setInterval(flush, SEND_EVERY_MS);
  document.addEventListener('visibilitychange', flush);

  /** Which page stood since when: what comes late (a slow click, a shift) is counted where it happened. */
  const stood: Array<{ since: number; page: ConsolePage }> = [{ since: 0, page: templateOf(router) }];
  const pageAt = (time: number): ConsolePage =>
    stood.findLast(({ since }) => since <= time)?.page ?? stood[0]?.page ?? '/';
  const take = ({ name, value, entries }: MetricType) => {
    const late = name === 'CLS' || name === 'INP' ? entries.at(-1)?.startTime : undefined;
    add({ name, page: late === undefined ? (stood[0]?.page ?? '/') : pageAt(late), value });
  };
  onLCP(take);
  onFCP(take);
  onTTFB(take);
  onCLS(take);
  onINP(take);

  let leftAt: number | undefined;
  router.subscribe('onBeforeNavigate', ({ pathChanged }) => {
    if (pathChanged) leftAt = performance.now();
  });
  router.subscribe('onRendered', () => {
    const page = templateOf(router);
    if (stood.at(-1)?.page !== page) stood.push({ since: performance.now(), page });
    if (stood.length > 500) stood.splice(1, 250);
    const begun = leftAt;
    leftAt = undefined;
    if (begun === undefined || document.visibilityState === 'hidden') return;
    // The frame after the one that draws it: by then it is on screen.
    requestAnimationFrame(() => setTimeout(() => add({ name: 'ROUTE', page, value: performance.now() - begun })));
  });
}
