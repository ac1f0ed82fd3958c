/** Search attributes stand in clear in Temporal, so they hold ids and nothing else. All are keywords. */
export const searchAttributeNames = {
  workspace: 'WindlassWorkspace',
  kind: 'WindlassKind',
  subject: 'WindlassSubject',
  actor: 'WindlassActor',
} as const;
