import { Fragment, memo, useMemo, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { type Block, type Inline, readMarkdown } from './read-markdown.ts';

const Inlines = ({ of }: { of: readonly Inline[] }): ReactNode =>
  of.map((inline, index) => {
    switch (inline.is) {
      case 'code':
        return (
          <code key={index} className="rounded-sm bg-fill px-1 py-px font-mono text-meta break-words">
            {inline.text}
          </code>
        );
      case 'strong':
        return (
          <strong key={index} className="font-semibold">
            {inline.text}
          </strong>
        );
      case 'em':
        return <em key={index}>{inline.text}</em>;
      case 'link':
        return (
          <a
            key={index}
            href={inline.href}
            target="_blank"
            rel="noopener noreferrer"
            className="text-accent break-words underline"
          >
            {inline.text}
          </a>
        );
      default:
        return <Fragment key={index}>{inline.text}</Fragment>;
    }
  });

const Lines = ({ of }: { of: readonly Inline[][] }): ReactNode =>
  of.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      <Inlines of={line} />
    </Fragment>
  ));

function Piece({ block, level }: { block: Block; level: number }) {
  switch (block.is) {
    case 'heading': {
      // Below the heading of whatever shows it, so that the page's outline stays whole.
      const Heading = `h${Math.min(6, block.level + level)}` as 'h3';
      return (
        <Heading className={cx('mt-2 font-semibold first:mt-0', block.level === 1 && 'text-lead')}>
          <Inlines of={block.inlines} />
        </Heading>
      );
    }
    case 'code':
      return (
        <pre tabIndex={0} className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-meta">
          {block.text}
        </pre>
      );
    case 'quote':
      return (
        <blockquote className="border-l-2 border-line-strong pl-3 text-text-2">
          <Lines of={block.lines} />
        </blockquote>
      );
    case 'list': {
      const items = block.items.map(({ isDone, inlines }, index) => (
        <li key={index} className={cx(isDone !== null && 'list-none')}>
          {isDone !== null && <span className="mr-1.5">{isDone ? '☑' : '☐'}</span>}
          <Inlines of={inlines} />
        </li>
      ));
      return block.isOrdered ? (
        <ol start={block.start} className="list-decimal pl-6">
          {items}
        </ol>
      ) : (
        <ul className="list-disc pl-5">{items}</ul>
      );
    }
    case 'line':
      return <hr className="border-line" />;
    default:
      return (
        <p className="break-words">
          <Lines of={block.lines} />
        </p>
      );
  }
}

/** What people write, drawn as elements: nothing of it is ever taken for HTML. `level`: of the heading it stands below. */
export const Markdown = memo(function Markdown({
  text,
  level = 2,
  className,
}: {
  text: string;
  level?: number;
  className?: string;
}) {
  const blocks = useMemo(() => readMarkdown(text), [text]);
  return (
    <div dir="auto" className={cx('flex min-w-0 flex-col gap-1.5', className)}>
      {blocks.map((block, index) => (
        <Piece key={index} block={block} level={level} />
      ))}
    </div>
  );
});
