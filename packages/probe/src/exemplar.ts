import { ATTRIBUTE } from "./catalogue.ts";
import type { SpanAttributes } from "./tracing.ts";

/** A hand-over whose span somebody keeps: it leads from a number to a trace. */
export interface Exemplar {
  readonly pipeline: string;
  readonly stage: string;
  /** How long it took, as the stage's durations count it. */
  readonly seconds: number;
  /** When it ended: milliseconds on the recorder's clock. */
  readonly atMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** What is known of a span that is kept, and of the hand-over that it stands for. */
export interface KeptUnit {
  /** Of the span; they name the stage. */
  readonly attributes: SpanAttributes;
  readonly serviceMs: number;
  readonly endMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** Stages whose exemplars are held: as many as a process with many threads has. */
const MOST_STAGES = 1024;
/** Durations are told apart by their octave, as pages of metrics tell them: from a microsecond to 17 minutes. */
const FIRST_OCTAVE = -20;
const LAST_OCTAVE = 10;

/** The newest hand-over of each stage and octave of durations that has a span. */
export class Exemplars {
  readonly #stages = new Map<string, Map<number, Exemplar>>();

  add({ attributes, serviceMs, endMs, traceId, spanId }: KeptUnit): void {
    const pipeline = attributes[ATTRIBUTE.pipeline];
    const stage = attributes[ATTRIBUTE.stage];
    if (typeof pipeline !== "string" || typeof stage !== "string" || !Number.isFinite(serviceMs)) return;
    const key = `${pipeline}\n${stage}`;
    const known = this.#stages.get(key);
    if (known === undefined && this.#stages.size >= MOST_STAGES) return;
    const octaves = known ?? new Map<number, Exemplar>();
    this.#stages.set(key, octaves);
    const seconds = Math.max(0, serviceMs) / 1000;
    const octave = Math.min(LAST_OCTAVE, Math.max(FIRST_OCTAVE, Math.ceil(Math.log2(seconds))));
    const newest = octaves.get(octave);
    // Those of worker threads come later than they happened.
    if (newest !== undefined && newest.atMs > endMs) return;
    octaves.set(octave, { pipeline, stage, seconds, atMs: endMs, traceId, spanId });
  }

  all(): readonly Exemplar[] {
    return [...this.#stages.values()].flatMap((octaves) => [...octaves.values()]);
  }
}
