/** Why a recording could not be read. A closed union: programs may switch over it. */
export type RecordingErrorCode =
  | "PINCH_RECORDING_EMPTY"
  | "PINCH_RECORDING_FORMAT"
  | "PINCH_RECORDING_NOT_JSON"
  | "PINCH_RECORDING_LINE"
  | "PINCH_RECORDING_NO_SNAPSHOT"
  | "PINCH_RECORDING_TOO_BIG";

/** A recording that cannot be read. The message says which line, what was found there and what to do. */
export class RecordingError extends Error {
  readonly code: RecordingErrorCode;
  /** The line that is at fault, counted from 1; null where it is the file as a whole. */
  readonly line: number | null;

  constructor(code: RecordingErrorCode, line: number | null, message: string, options?: ErrorOptions) {
    super(line === null ? message : `line ${line}: ${message}`, options);
    this.name = "RecordingError";
    this.code = code;
    this.line = line;
  }
}
