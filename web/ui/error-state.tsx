import { LockKeyhole, RotateCw } from 'lucide-react';
import { asFailure } from '../kit/failure.ts';
import { Button } from './button.tsx';
import { Copy } from './copy.tsx';
import { EmptyState } from './empty-state.tsx';
import { StatusShapeOnly } from './status-glyph.tsx';

interface ErrorStateProps {
  error: unknown;
  /** What did not load, as a sentence begins: "The runs". */
  what?: string;
  retry?: () => void;
}

/** What failed, what to do, and what to quote, in the place where the data would be. */
export function ErrorState({ error, what = 'This', retry }: ErrorStateProps) {
  const failure = asFailure(error);
  if (failure.status === 403)
    return (
      <EmptyState icon={LockKeyhole} title="You may not see this">
        <p>{failure.message}</p>
        {failure.code === 'identity.permission_missing' && <p>An owner or an admin of the workspace can give it.</p>}
      </EmptyState>
    );
  const quote = failure.requestId ? `${failure.code} · ${failure.requestId}` : failure.code;
  return (
    <div role="alert" className="flex flex-col items-start gap-2 p-[18px]">
      <p className="flex items-center gap-1.5 font-semibold text-fail-fg">
        <StatusShapeOnly status="failed" />
        {`${what} did not load`}
      </p>
      <p className="max-w-[520px] text-meta text-text-2">{failure.message}</p>
      {retry && (
        <Button icon={RotateCw} onClick={retry}>
          Try again
        </Button>
      )}
      <p className="font-mono text-[11.5px] text-text-3">
        <Copy text={quote} what="what to quote">
          {quote}
        </Copy>
      </p>
    </div>
  );
}
