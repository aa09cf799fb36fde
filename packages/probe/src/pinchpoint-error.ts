/** What can be wrong with how Pinchpoint is set up. Thrown at set-up only; recording never throws. */
export type PinchpointErrorCode =
  | "PINCH_BAD_NAME"
  | "PINCH_BAD_WORKERS"
  | "PINCH_BAD_CAPACITY"
  | "PINCH_BAD_KIND"
  | "PINCH_BAD_ATTRIBUTES"
  | "PINCH_BAD_FROM"
  | "PINCH_BAD_CONTEXT";

export class PinchpointError extends Error {
  readonly code: PinchpointErrorCode;

  constructor(code: PinchpointErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PinchpointError";
    this.code = code;
  }
}
