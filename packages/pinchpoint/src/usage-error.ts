export interface UsageErrorOptions extends ErrorOptions {
  /** What the program exits with; default 2. */
  readonly exitCode?: number;
}

/** Something that was asked for and cannot be done; its message is the one sentence that the user reads. */
export class UsageError extends Error {
  readonly code = "PINCH_USAGE";
  readonly exitCode: number;

  constructor(message: string, options: UsageErrorOptions = {}) {
    super(message, options);
    this.name = "UsageError";
    this.exitCode = options.exitCode ?? 2;
  }
}
