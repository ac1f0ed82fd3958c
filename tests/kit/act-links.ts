import type { ReceivedLetter } from '#simulators/smtp/smtp-server.ts';

/** A letter's body as whoever reads it sees it: lines that mail folds are whole again, and `=3D` is a sign. */
export const letterText = ({ raw }: Pick<ReceivedLetter, 'raw'>): string =>
  raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');

/** The links of a message by which incidents are acted upon, each once, in their order. */
export const actLinksIn = (text: string): string[] => [
  ...new Set(text.match(/https?:\/\/[^\s"<\\]+\/api\/v1\/act\/[\w.-]+/g)),
];
