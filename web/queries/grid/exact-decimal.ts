/** A number to the last digit: `digits × 10^-scale`. */
export interface ExactDecimal {
  digits: bigint;
  scale: number;
}

/** Reads digits with `.` and an exponent; null for all else ("NaN"), and for exponents that no service means. */
export function readDecimal(text: string): ExactDecimal | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (!match || whole + fraction === '') return null;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

const atScale = ({ digits, scale }: ExactDecimal, wanted: number): bigint => digits * 10n ** BigInt(wanted - scale);

export function addDecimals(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}
/** Negative where the first is less. */
export function compareDecimals(a: ExactDecimal, b: ExactDecimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = atScale(a, scale) - atScale(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
/** Rounded half away from zero to so many digits after the point. */
export function divideDecimal({ digits, scale }: ExactDecimal, by: number, places: number): ExactDecimal {
  const shift = places - scale;
  const numerator = shift >= 0 ? digits * 10n ** BigInt(shift) : digits;
  const divisor = BigInt(by) * (shift >= 0 ? 1n : 10n ** BigInt(-shift));
  const half = numerator < 0n ? -divisor / 2n : divisor / 2n;
  return { digits: (numerator + half) / divisor, scale: places };
}
/** As text; with `trim` without zeros at the end of the fraction. */
export function decimalText({ digits, scale }: ExactDecimal, { trim = false } = {}): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = trim ? text.slice(text.length - scale).replace(/0+$/, '') : text.slice(text.length - scale);
  return `${digits < 0n ? '-' : ''}${whole}${scale > 0 && fraction ? `.${fraction}` : ''}`;
}
