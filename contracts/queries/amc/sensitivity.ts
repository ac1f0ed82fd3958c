/** How much a column may say about a person, as the service marks it (AMC §5.1), from harmless to secret. */
export const sensitivities = ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH', 'INTERNAL'] as const;
export type Sensitivity = (typeof sensitivities)[number];

interface Rule {
  /** Users that a row needs to be shown; null where no number of users is enough. */
  readonly usersNeeded: number | null;
  readonly mayBeOutput: boolean;
  /** Whether it may be compared with a literal or a parameter. */
  readonly mayBeFiltered: boolean;
}

export const sensitivityRules: Readonly<Record<Sensitivity, Rule>> = {
  NONE: { usersNeeded: 1, mayBeOutput: true, mayBeFiltered: true },
  LOW: { usersNeeded: 2, mayBeOutput: true, mayBeFiltered: true },
  MEDIUM: { usersNeeded: 100, mayBeOutput: true, mayBeFiltered: true },
  HIGH: { usersNeeded: 100, mayBeOutput: true, mayBeFiltered: false },
  VERY_HIGH: { usersNeeded: null, mayBeOutput: false, mayBeFiltered: false },
  INTERNAL: { usersNeeded: null, mayBeOutput: false, mayBeFiltered: true },
};

/** Users that an audience needs before it is made (AMC §4.6). */
export const audienceUsersNeeded = 2_000;

/** The most sensitive of several; NONE of none. */
export const mostSensitive = (levels: Iterable<Sensitivity>): Sensitivity =>
  sensitivities[Math.max(0, ...Array.from(levels, (level) => sensitivities.indexOf(level)))] ?? 'NONE';

/** Users that a row with such columns needs to be shown as it is; null where one of them may never be shown. */
export function usersNeeded(levels: Iterable<Sensitivity>): number | null {
  const needed = Array.from(levels, (level) => sensitivityRules[level].usersNeeded);
  return needed.includes(null) ? null : Math.max(1, ...needed.map((count) => count ?? 1));
}

/** Which cells of a row that so few users made are blanked where values, not rows, are removed. */
export const isHidden = (level: Sensitivity, users: number): boolean => {
  const needed = sensitivityRules[level].usersNeeded;
  return needed === null || users < needed;
};
