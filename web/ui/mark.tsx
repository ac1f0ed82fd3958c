/** The mark: a rope on a winch. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      aria-hidden="true"
      className="flex-none"
    >
      <path strokeWidth="2.4" d="M3 2.5v19M21 2.5v19" />
      <path strokeWidth="2.2" d="M6.8 18.5l3.4-13M10.3 18.5l3.4-13M13.8 18.5l3.4-13" />
    </svg>
  );
}
