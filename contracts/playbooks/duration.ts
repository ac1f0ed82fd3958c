const form = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const unitsMs = [86_400_000, 3_600_000, 60_000, 1_000, 1] as const;

/** Milliseconds of a duration such as `90s`, `1h30m` or `2d` (§1); undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  const parts = text === '' ? null : form.exec(text);
  if (!parts) return undefined;
  const ms = unitsMs.reduce((sum, unitMs, at) => sum + Number(parts[at + 1] ?? 0) * unitMs, 0);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The shortest text of §1's form for so many milliseconds: `90000` is `1m30s`; zero is `0s`. */
export function formatDuration(ms: number): string {
  const units = ['d', 'h', 'm', 's', 'ms'] as const;
  let rest = Math.max(0, Math.round(ms));
  let text = '';
  for (const [at, unitMs] of unitsMs.entries()) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${units[at]}`;
    rest -= count * unitMs;
  }
  return text === '' ? '0s' : text;
}

/** How expressions write a duration: whole seconds as `5400s`, else milliseconds as `1500ms`. Both parse again. */
export const durationText = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

const percentForm = /^(\d+(?:\.\d+)?)%$/;

/** 25 of `"25%"`; undefined where the text is no percentage between 0 and 100. */
export function parsePercent(text: string): number | undefined {
  const percent = percentForm.exec(text)?.[1];
  return percent !== undefined && Number(percent) <= 100 ? Number(percent) : undefined;
}
