/**
 * The address of a page of the console, for messages. It names the workspace, as whoever reads it may be in another one;
 * the console takes a workspace's id as well as its short name.
 * @param path below the workspace, such as `/runs/019a…`
 */
export const consoleAddress = (publicUrl: string, workspaceId: string, path: string): string =>
  `${publicUrl}/w/${workspaceId}${path}`;
