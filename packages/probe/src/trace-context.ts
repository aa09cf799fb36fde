/** Which trace the running code belongs to, and which span of it began what it begins. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all 0. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What vendors add, as the header `tracestate` has it; "" = nothing. */
  readonly state: string;
  /** Its span stands for a request that came in, as far as that is known. */
  readonly isOfServer?: boolean;
}

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const NOTHING = /^0+$/;
/** As the specification has it for a version that does not exist. */
const NO_VERSION = "ff";

/** A context as the header `traceparent` has it (W3C Trace Context, level 1). */
export function textOfContext({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** @returns null where the text is no `traceparent` */
export function contextOfText(text: string, state = ""): TraceContext | null {
  const found = PARENT.exec(text);
  if (found === null) return null;
  const [, version, traceId = "", spanId = "", flags = "00"] = found;
  // Only versions to come may have more fields.
  if (version === NO_VERSION || (version === "00" && text.length !== 55)) return null;
  return contextOf(traceId, spanId, (Number.parseInt(flags, 16) & 1) === 1, state);
}

/** @returns null where one of the ids is none */
export function contextOf(traceId: string, spanId: string, isSampled: boolean, state: string): TraceContext | null {
  if (!isHex(traceId, 32) || !isHex(spanId, 16)) return null;
  return { traceId, spanId, isSampled, state };
}

function isHex(text: string, length: number): boolean {
  return text.length === length && /^[0-9a-f]+$/.test(text) && !NOTHING.test(text);
}
