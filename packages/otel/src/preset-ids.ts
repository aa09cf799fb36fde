import { SpanIds } from "@pinchpoint/probe";

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
}

/** An SDK's source of ids (`IdGenerator`), that gives a span of another thread the ids which it has there. */
export class PresetIds {
  readonly #ids = new SpanIds();
  #preset: Ids | null = null;

  /** What `begin` begins has these ids. */
  with<T>(ids: Ids, begin: () => T): T {
    this.#preset = ids;
    try {
      return begin();
    } finally {
      this.#preset = null;
    }
  }

  generateTraceId(): string {
    return this.#preset?.traceId ?? this.#ids.traceId();
  }

  generateSpanId(): string {
    return this.#preset?.spanId ?? this.#ids.spanId();
  }
}
