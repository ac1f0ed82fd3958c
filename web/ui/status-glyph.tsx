import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { check, Glyph, inRing, onDisc, pause, slash } from './glyph-shapes.tsx';
import { familySoft, familyText, statusLooks, type StatusName, type StatusShape } from './status.ts';
import { LateTooltip } from './tooltip.tsx';

const shapes: Readonly<Record<StatusShape, ReactNode>> = {
  dashed: <circle cx="8" cy="8" r="5.3" strokeDasharray="2.1 2.06" />,
  slash,
  bar: inRing('M5.4 8h5.2'),
  arc: (
    <>
      <circle cx="8" cy="8" r="5.3" opacity=".28" />
      <path d="M8 2.7A5.3 5.3 0 0 1 13.3 8" className="turning" style={{ transformOrigin: '8px 8px' }} />
    </>
  ),
  pause,
  check,
  cross: onDisc('m5.9 5.9 4.2 4.2M10.1 5.9l-4.2 4.2'),
  clock: inRing('M8 5v3.2l2.1 1.3'),
  question: onDisc('M6.4 6.4a1.7 1.7 0 1 1 2.4 1.6c-.5.3-.8.6-.8 1.1M8 11h.01'),
  unplugged: inRing('M5.8 8h1.1M9.1 8h1.1'),
};

/** The shape of a status alone, without its word: only inside a node that says the word itself. */
export function StatusShapeOnly({ status, size }: { status: StatusName; size?: number }) {
  return <Glyph size={size}>{shapes[statusLooks[status].shape]}</Glyph>;
}

interface StatusGlyphProps {
  status: StatusName;
  /** Shown beside the shape; without it the word is there for screen readers and in a tooltip. */
  withWord?: boolean;
  /** Another word where the place knows more: "Waiting for approval". */
  word?: string;
  size?: number;
}

/** A status by shape, word and colour. */
export function StatusGlyph({ status, withWord = false, word = statusLooks[status].word, size }: StatusGlyphProps) {
  const family = familyText[statusLooks[status].family];
  if (withWord) {
    return (
      <span
        className={cx('inline-flex items-center gap-1.5 whitespace-nowrap align-middle', family)}
        data-status={status}
      >
        <StatusShapeOnly status={status} size={size} />
        <span className="text-text-2">{word}</span>
      </span>
    );
  }
  return (
    <LateTooltip says={word}>
      <span role="img" aria-label={word} className={cx('inline-flex align-middle', family)} data-status={status}>
        <StatusShapeOnly status={status} size={size} />
      </span>
    </LateTooltip>
  );
}

/** A status as a pill, for heads. */
export function StatusPill({ status, word = statusLooks[status].word }: { status: StatusName; word?: string }) {
  return (
    <span
      data-status={status}
      className={cx(
        'inline-flex h-[22px] flex-none items-center gap-[5px] rounded-full border pr-2 pl-1.5 text-meta font-medium whitespace-nowrap',
        familySoft[statusLooks[status].family],
      )}
    >
      <StatusShapeOnly status={status} size={14} />
      {word}
    </span>
  );
}
