import { lazy, Suspense, useEffect, type ComponentProps } from 'react';
import { announce } from '../kit/announce.tsx';
import { asFailure } from '../kit/failure.ts';
import { fetchLater } from '../kit/fetch-later.ts';
import { whenPageStands } from '../kit/page-stands.ts';

interface ToastOptions {
  /** Takes back what was done; offered for 6 s, and by the key `Z`. */
  undo?: () => void;
}

/** The layer is fetched once the page stands, or with the first thing to say, which waits until it is there. */
const layer = () => fetchLater(() => import('sonner'));
const asked = Promise.withResolvers<void>();
const isThere = Promise.withResolvers<void>();
const say = (how: (sonner: (typeof import('sonner'))['toast']) => unknown): void => {
  asked.resolve();
  void Promise.all([layer(), isThere.promise]).then(([{ toast: sonner }]) => how(sonner));
};

let lastUndo: (() => void) | undefined;

/** Does the newest toast offer to take something back? */
export const canUndo = (): boolean => lastUndo !== undefined;

/** Takes back what the newest toast offers, if any. */
export function undoLast(): void {
  const undo = lastUndo;
  lastUndo = undefined;
  undo?.();
}

/** Short answers, bottom right. Good ones go after 6 s, errors stay until they are closed. */
export const toast = {
  done(message: string, { undo }: ToastOptions = {}): void {
    lastUndo = undo;
    announce(message);
    // What was taken back, or stands no longer on screen, is not offered to `Z` any more; a newer offer is.
    const forget = () => {
      if (lastUndo === undo) lastUndo = undefined;
    };
    const takeBack = () => {
      forget();
      undo?.();
    };
    say((sonner) =>
      sonner.success(message, {
        action: undo ? { label: 'Undo', onClick: takeBack } : undefined,
        onAutoClose: forget,
        onDismiss: forget,
      }),
    );
  },
  note: (message: string): void => say((sonner) => sonner(message)),
  error: (message: string): void => say((sonner) => sonner.error(message, { duration: Number.POSITIVE_INFINITY })),
  /** A failure with what to quote: its code and the request's id. */
  failure(error: unknown): void {
    const { message, code, requestId } = asFailure(error);
    say((sonner) =>
      sonner.error(message, {
        description: requestId ? `${code} · ${requestId}` : code,
        duration: Number.POSITIVE_INFINITY,
      }),
    );
  },
};

/**
 * Sonner gives the focus back to where it came from whenever it leaves the toasts: by Tab one would come to them again and
 * again, and never past them. A focus that goes on to something else is let go.
 */
function passThrough(): () => void {
  const pass = (event: FocusEvent) => {
    if (event.relatedTarget && (event.target as Element).closest('[data-sonner-toaster]')) event.stopPropagation();
  };
  document.addEventListener('focusout', pass, true);
  return () => document.removeEventListener('focusout', pass, true);
}

const Layer = lazy(async () => {
  await Promise.race([whenPageStands(), asked.promise]);
  const { Toaster: Sonner } = await layer();
  return {
    default: function Mounted(props: ComponentProps<typeof Sonner>) {
      useEffect(() => isThere.resolve(), []);
      useEffect(passThrough, []);
      return <Sonner {...props} />;
    },
  };
});

/** Once, around everything. It reads our tokens. */
export function Toaster() {
  return (
    <Suspense fallback={null}>
      <Layer
        position="bottom-right"
        duration={6_000}
        closeButton
        style={{ fontFamily: 'inherit' }}
        toastOptions={{
          unstyled: true,
          classNames: {
            toast:
              'flex w-[356px] max-w-full items-center gap-2.5 rounded-xl border border-line-strong bg-raised px-3 py-2.5 text-text shadow-2',
            title: 'text-body font-medium',
            description: 'font-mono text-[11.5px] text-text-2',
            icon: 'flex-none text-text-2 in-data-[type=success]:text-ok-fg in-data-[type=error]:text-fail-fg',
            content: 'min-w-0 flex-1',
            actionButton: 'rounded-md px-2 py-1 font-medium hover:bg-fill',
            closeButton: 'order-last rounded-sm p-0.5 text-text-3 hover:bg-fill hover:text-text',
          },
        }}
      />
    </Suspense>
  );
}
