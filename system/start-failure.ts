/** A start that cannot go on, for a reason the operator can do something about. Its message is one line and says what. */
export class StartFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StartFailure';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The message of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
