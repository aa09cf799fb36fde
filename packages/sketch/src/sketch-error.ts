export type SketchErrorCode =
  | "SKETCH_BAD_SCALE"
  | "SKETCH_BAD_QUANTILE"
  | "SKETCH_BAD_COUNTS"
  /** The bytes were not written by this package. */
  | "SKETCH_FOREIGN_BYTES"
  /** The bytes were written by a newer version of this package. */
  | "SKETCH_NEWER_BYTES"
  /** The bytes end too early. */
  | "SKETCH_TRUNCATED_BYTES"
  /** The bytes have the right beginning, but say something that no sketch says. */
  | "SKETCH_DAMAGED_BYTES";

/** Misuse at set-up, or bytes that cannot be read. Recording and merging never throw. */
export class SketchError extends Error {
  override readonly name = "SketchError";
  readonly code: SketchErrorCode;

  constructor(code: SketchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
