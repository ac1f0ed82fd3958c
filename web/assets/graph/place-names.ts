/** A name beside what it names, in pixels of the picture. */
export interface WantedName {
  text: string;
  /** How wide it is when written. */
  width: number;
  /** The middle of what it names. */
  x: number;
  y: number;
  /** How far from there it begins, above as below. */
  away: number;
  /** Written whatever is in its way: somebody chose it. */
  isChosen?: boolean;
}
export interface PlacedName {
  text: string;
  x: number;
  /** Its line of writing. */
  y: number;
}
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How far letters reach over and under their line of writing, and how much room is left around a name. */
const [over, under, room] = [9, 3, 3];
export const boxOf = (width: number, x: number, y: number): Box => ({
  left: x - width / 2 - room,
  top: y - over - room,
  right: x + width / 2 + room,
  bottom: y + under + room,
});
export const overlaps = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Where names can stand without one over another, those that come first going first: below what they name, else above it,
 * else nowhere.
 * @param taken what is written already; what is placed is added
 */
export function placeNames(wanted: readonly WantedName[], taken: Box[]): PlacedName[] {
  return wanted.flatMap(({ text, width, x, y, away, isChosen = false }): PlacedName[] => {
    const below = y + away + over;
    for (const line of [below, y - away - under]) {
      const box = boxOf(width, x, line);
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      return [{ text, x, y: line }];
    }
    if (!isChosen) return [];
    taken.push(boxOf(width, x, below));
    return [{ text, x, y: below }];
  });
}
