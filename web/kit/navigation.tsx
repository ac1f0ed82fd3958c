import { Link, useLocation, useNavigate, type LinkProps } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import { currentWorkspace } from './workspace.ts';

type Search = Record<string, string | undefined>;

/** The address of a page of this workspace: `workspacePath('/runs')`. */
export const workspacePath = (path: string): string =>
  `/w/${encodeURIComponent(currentWorkspace() ?? '')}${path === '/' ? '' : path}`;

interface GoProps extends Omit<ComponentProps<'a'>, 'href'> {
  /** Below the workspace: `/runs`. */
  to: string;
  search?: Search;
  hash?: string;
  children?: ReactNode;
}

/** A link to a page of this workspace. The code of the page is fetched when the pointer comes near. */
export function Go({ to, search, hash, children, ...rest }: GoProps) {
  const props = {
    ...rest,
    to: workspacePath(to),
    search: search ?? {},
    hash,
    preload: 'intent',
  } as unknown as LinkProps;
  return <Link {...props}>{children}</Link>;
}

/**
 * A link in a row of a long list. It listens to nothing and fetches nothing ahead, so that a thousand of them cost nothing
 * while one scrolls; the row itself is the way for the keyboard.
 */
export function RowLink({ to, children, ...rest }: Pick<GoProps, 'to' | 'children' | 'className' | 'title'>) {
  const go = useGo();
  return (
    <a
      {...rest}
      href={workspacePath(to)}
      tabIndex={-1}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** Goes to a page of this workspace. */
export function useGo(): (to: string, search?: Search, how?: 'push' | 'replace') => void {
  const navigate = useNavigate();
  return (to, search, how) =>
    void navigate({ to: workspacePath(to), search: (search ?? {}) as never, replace: how === 'replace' } as never);
}

/** The part of the address below the workspace: `/runs/019a…`. */
export function usePagePath(): string {
  const { pathname } = useLocation();
  return pathname.replace(/^\/w\/[^/]+/, '') || '/';
}
