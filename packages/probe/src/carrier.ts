import type { Span } from "./span.ts";
import { contextOfText, textOfContext } from "./trace-context.ts";
import type { Traces } from "./traces.ts";
import { becomes, type Work } from "./work.ts";

/** What goes with a task to another thread where its sender belongs to no trace: then the receiver does not either. */
export const NO_TRACE = "-";

/** What goes with something that is handed to another thread; null where nobody keeps spans. */
export function carriedText(span: Span | null): string | null {
  if (span === null) return null;
  return span.carried === null ? NO_TRACE : textOfContext(span.carried);
}

/**
 * Goes on with the trace that came with something from another thread, for the rest of this turn of the event loop and
 * what it begins.
 *
 * @param text - what `carriedText` gave there; null = nothing came: what runs from here on is nobody's
 * @param start - of the span that stands for it here
 * @returns that span, for the caller to end; null where nobody keeps spans
 */
export function goOn(traces: Traces, text: string | null, start: Parameters<Traces["child"]>[0]): Span | null {
  const span = text === null ? null : traces.child(start, contextOfText(text));
  becomes(span === null ? null : new CarriedWork(span));
  return span;
}

/** Code that stands in a trace but belongs to no stage of this thread. */
class CarriedWork implements Work {
  readonly stage = null;
  readonly outer = null;
  readonly isWorking = false;
  readonly span: Span;

  constructor(span: Span) {
    this.span = span;
  }

  visit(): number {
    return 0;
  }

  endVisit(): boolean {
    return false;
  }
}
