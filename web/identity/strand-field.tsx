/** A fixed sequence of numbers that looks like chance: the picture is the same for everybody. */
function* sequence(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

interface Segment {
  x: number;
  y: number;
  width: number;
  fill: string;
  opacity: number;
}

function field(): Segment[] {
  const next = sequence(20_261_121);
  const chance = () => next.next().value;
  const segments: Segment[] = [];
  for (let row = 0; row < 28; row += 1) {
    const y = 8 + row * 29.5;
    let x = -20 + chance() * 60;
    const fade = row < 16 ? 1 : Math.max(0, 1 - (row - 15) / 12);
    while (x < 720) {
      const width = 14 + chance() * 34;
      const count = 2 + Math.floor(chance() * 6);
      for (let index = 0; index < count; index += 1) {
        const luck = chance();
        const isLast = index === count - 1;
        const fill =
          isLast && luck < 0.05
            ? 'fill-fail-solid'
            : isLast && luck < 0.12
              ? 'fill-wait-solid'
              : isLast && luck < 0.18
                ? 'fill-run-solid'
                : luck > 0.82
                  ? 'fill-line-strong'
                  : 'fill-line';
        segments.push({ x, y, width, fill, opacity: fade * (fill === 'fill-line' ? 0.9 : 0.95) });
        x += width + 3;
      }
      x += 24 + chance() * 90;
    }
  }
  return segments;
}
const segments = field();

/** Many strands, most of them quiet: the picture beside every entry form. */
export function StrandField() {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 700 860"
      preserveAspectRatio="xMidYMin slice"
      className="absolute inset-0 size-full"
    >
      {segments.map(({ x, y, width, fill, opacity }, index) => (
        <rect key={index} x={x} y={y} width={width} height={9} rx={2.5} className={fill} opacity={opacity} />
      ))}
    </svg>
  );
}
