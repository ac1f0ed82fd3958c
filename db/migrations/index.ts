import type { Migration } from 'kysely/migration';
import * as core from './0001-core.ts';
import * as identity from './0002-identity.ts';
import * as servers from './0003-servers.ts';
import * as triggers from './0004-triggers.ts';
import * as playbooks from './0005-playbooks.ts';
import * as keeping from './0006-artifacts-resets-retention.ts';
import * as runViews from './0007-run-views.ts';
import * as consoleVitals from './0009-console-vitals.ts';
import * as noticesAndDrains from './0010-notices-and-drains.ts';
import * as serversSorted from './0011-servers-sorted.ts';
import * as runsSorted from './0012-runs-sorted.ts';
import * as connections from './0013-connections.ts';
import * as queries from './0014-queries.ts';
import * as schedulesOfQueries from './0015-schedules-of-queries.ts';
import * as querySearch from './0016-query-search.ts';
import * as queryDeliveries from './0017-query-deliveries.ts';
import * as queryRules from './0019-query-rules.ts';
import * as oncall from './0021-oncall.ts';
import * as incidents from './0022-incidents.ts';
import * as alerts from './0023-alerts.ts';
import * as logs from './0024-logs.ts';
import * as assets from './0025-assets.ts';
import * as notify from './0026-notify.ts';
import * as slaAndRules from './0027-sla-and-rules.ts';
import * as alertKeys from './0028-alert-keys.ts';
import * as retention from './0029-retention.ts';
import * as hiddenRuns from './0030-hidden-runs.ts';
import * as incidentViews from './0034-incident-views.ts';
import * as incidentSearch from './0035-incident-search.ts';
import * as securityKeys from './0036-security-keys.ts';
import * as invitedUnits from './0037-invited-units.ts';
import * as legalHold from './0038-legal-hold.ts';
import * as querySnippets from './0039-query-snippets.ts';
import * as schemaTags from './0040-schema-tags.ts';
import * as swaps from './0041-swaps.ts';

/** Every migration, in the order of its name. Forward only; one that has landed is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-core': core,
  '0002-identity': identity,
  '0003-servers': servers,
  '0004-triggers': triggers,
  '0005-playbooks': playbooks,
  '0006-artifacts-resets-retention': keeping,
  '0007-run-views': runViews,
  '0009-console-vitals': consoleVitals,
  '0010-notices-and-drains': noticesAndDrains,
  '0011-servers-sorted': serversSorted,
  '0012-runs-sorted': runsSorted,
  '0013-connections': connections,
  '0014-queries': queries,
  '0015-schedules-of-queries': schedulesOfQueries,
  '0016-query-search': querySearch,
  '0017-query-deliveries': queryDeliveries,
  '0019-query-rules': queryRules,
  '0021-oncall': oncall,
  '0022-incidents': incidents,
  '0023-alerts': alerts,
  '0024-logs': logs,
  '0025-assets': assets,
  '0026-notify': notify,
  '0027-sla-and-rules': slaAndRules,
  '0028-alert-keys': alertKeys,
  '0029-retention': retention,
  '0030-hidden-runs': hiddenRuns,
  '0034-incident-views': incidentViews,
  '0035-incident-search': incidentSearch,
  '0036-security-keys': securityKeys,
  '0037-invited-units': invitedUnits,
  '0038-legal-hold': legalHold,
  '0039-query-snippets': querySnippets,
  '0040-schema-tags': schemaTags,
  '0041-swaps': swaps,
};
