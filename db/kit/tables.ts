import type { SettingsTables } from '../settings/tables.ts';
import type { IdentityTables } from '../identity/tables.ts';
import type { AlertsTables } from '../alerts/tables.ts';
import type { AssetsTables } from '../assets/tables.ts';
import type { AuditTables } from '../audit/tables.ts';
import type { ApprovalsTables } from '../approvals/tables.ts';
import type { ConnectionsTables } from '../connections/tables.ts';
import type { EventsTables } from '../events/tables.ts';
import type { HooksTables } from '../hooks/tables.ts';
import type { IncidentsTables } from '../incidents/tables.ts';
import type { LogsTables } from '../logs/tables.ts';
import type { NoticesTables } from '../notices/tables.ts';
import type { NotificationsTables } from '../notifications/tables.ts';
import type { OnCallTables } from '../oncall/tables.ts';
import type { PlaybooksTables } from '../playbooks/tables.ts';
import type { QueriesTables } from '../queries/tables.ts';
import type { RunsTables } from '../runs/tables.ts';
import type { SchedulesTables } from '../schedules/tables.ts';
import type { ServersTables } from '../servers/tables.ts';
import type { SlaTables } from '../sla/tables.ts';
import type { IncidentRulesTables } from '../incident-rules/tables.ts';
import type { StatusPageTables } from '../status-page/tables.ts';
import type { SystemTables } from '../system/tables.ts';
import type { VitalsTables } from '../vitals/tables.ts';

/** Every table, typed. A room adds its own interface here. */
export interface Database
  extends
    AlertsTables,
    ApprovalsTables,
    AssetsTables,
    AuditTables,
    ConnectionsTables,
    EventsTables,
    HooksTables,
    IdentityTables,
    IncidentsTables,
    LogsTables,
    NoticesTables,
    NotificationsTables,
    OnCallTables,
    PlaybooksTables,
    QueriesTables,
    RunsTables,
    SchedulesTables,
    ServersTables,
    SettingsTables,
    SlaTables,
    IncidentRulesTables,
    StatusPageTables,
    SystemTables,
    VitalsTables {}
