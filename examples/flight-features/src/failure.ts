/** A failure that the user can mend: shown as its one sentence, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: 1 | 2;

  /** @param options - `exitCode`: 2 when the command line is wrong, 1 (the default) for everything else */
  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: 1 | 2 } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The first line of what an unknown thrown value has to say. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? "";
}
