const pattern = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const unitsMs = [86_400_000, 3_600_000, 60_000, 1_000, 1] as const;

/**
 * Reads `90s`, `1h30m`, `2d`, `500ms` (design §9).
 * @returns milliseconds, or undefined where the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  const parts = text === '' ? null : pattern.exec(text);
  if (!parts) return undefined;
  let ms = 0;
  for (const [index, unit] of unitsMs.entries()) ms += Number(parts[index + 1] ?? 0) * unit;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Writes milliseconds the way `parseDuration` reads them: `5400000` becomes `1h30m`; zero is `0s`. */
export function formatDuration(ms: number): string {
  const names = ['d', 'h', 'm', 's', 'ms'] as const;
  let rest = Math.max(0, Math.round(ms));
  let text = '';
  for (const [index, unit] of unitsMs.entries()) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) text += `${count}${names[index]}`;
  }
  return text || '0s';
}
