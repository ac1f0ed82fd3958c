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
 * Where names can stand without one over another, those that come first going first: below what they name, above it, at its
 * right or left, at best where no dot is under it; else nowhere.
 * @param taken what is written already; what is placed is added
 * @param dots what else is drawn: better left in sight, and not kept free at all costs
 */
export function placeNames(wanted: readonly WantedName[], taken: Box[], dots: readonly Box[] = []): PlacedName[] {
  return wanted.flatMap(({ text, width, x, y, away, isChosen = false }): PlacedName[] => {
    const below: Spot = [x, y + away + over];
    const beside = away + width / 2;
    const spots: Spot[] = [below, [x, y - away - under], [x + beside, y + under], [x - beside, y + under]];
    const isFree = ([at, line]: Spot, of: readonly Box[]): boolean => {
      const box = boxOf(width, at, line);
      return !of.some((other) => overlaps(box, other));
    };
    const free = spots.filter((spot) => isFree(spot, taken));
    const spot = free.find((one) => isFree(one, dots)) ?? free[0] ?? (isChosen ? below : undefined);
    if (!spot) return [];
    taken.push(boxOf(width, ...spot));
    return [{ text, x: spot[0], y: spot[1] }];
  });
}
type Spot = [x: number, y: number];
