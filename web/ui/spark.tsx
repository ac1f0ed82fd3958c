/** A line of figures without axes: which way it went. What it says stands in words beside it. */
export function Spark({ values, tone = 'plain' }: { values: readonly number[]; tone?: 'plain' | 'fail' }) {
  const [width, height] = [70, 24];
  if (values.length < 2) return null;
  const most = Math.max(1, ...values);
  const points = values.map((value, index): readonly [number, number] => [
    (index / (values.length - 1)) * width,
    height - 1.5 - (value / most) * (height - 3),
  ]);
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      className={tone === 'fail' ? 'flex-none text-c6' : 'flex-none text-c1'}
    >
      <polygon points={`0,${height} ${line} ${width},${height}`} fill="currentColor" opacity=".16" />
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
