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
