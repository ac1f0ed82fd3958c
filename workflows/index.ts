// The door of the workflow floor: everything a worker can run. Determinism ends here; nothing else is imported.
export * from './assets/discover-assets.ts';
export * from './assets/import-assets.ts';
export * from './connections/connection-lifecycle.ts';
export * from './incidents/incident-lifecycle.ts';
export * from './notifications/deliver-notification.ts';
export * from './playbooks/run-playbook.ts';
export * from './queries/run-query.ts';
export * from './schedules/fire-schedule.ts';
export * from './settings/let-go.ts';
