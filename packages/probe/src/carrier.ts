import type { Span } from "./span.ts";
import type { StageRecorder } from "./stage.ts";
import type { StateIndex } from "./state-clock.ts";
import { contextOfText, type TraceContext, textOfContext } from "./trace-context.ts";
import type { Traces } from "./traces.ts";
import { becomes, runAs, runningWork, type Work } from "./work.ts";

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
  becomes(span === null ? null : new CarriedWork(span, null));
  return span;
}

/** Runs a function, and with it what it begins, as part of a trace that came with something from another thread. */
export function runCarried<T>(traces: Traces, context: TraceContext, run: () => T): T {
  const span = traces.arrived(context);
  return span === null ? run() : runAs(new CarriedWork(span, runningWork()), run);
}

/**
 * Code that stands in a trace other than that of the work around it, such as one of another thread. What it calls is
 * charged to whom it would be without.
 */
export class CarriedWork implements Work {
  readonly span: Span;
  readonly #around: Work | null;

  constructor(span: Span, around: Work | null) {
    this.span = span;
    this.#around = around;
  }

  get stage(): StageRecorder | null {
    return this.#around?.stage ?? null;
  }

  get isWorking(): boolean {
    return this.#around?.isWorking ?? false;
  }

  get outer(): Work | null {
    return this.#around?.outer ?? null;
  }

  get isCall(): boolean {
    return this.#around?.isCall ?? false;
  }

  visit(state: StateIndex, atMs: number): number {
    return this.#around?.visit(state, atMs) ?? 0;
  }

  endVisit(visit: number, state: StateIndex, atMs: number): boolean {
    return this.#around?.endVisit(visit, state, atMs) ?? false;
  }
}
