/** The workspace in the address, `/w/:workspace/…`; every call names it, so two tabs may show two workspaces. */
export const currentWorkspace = (): string | undefined => {
  const match = /^\/w\/([^/]+)/.exec(globalThis.location?.pathname ?? '');
  return match?.[1] ? decodeURIComponent(match[1]) : undefined;
};
