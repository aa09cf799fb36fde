import { writeFileSync } from "node:fs";
import { loadPeer } from "../peers.ts";

interface Span {
  end(): void;
}

interface Api {
  readonly trace: {
    setGlobalTracerProvider(provider: unknown): void;
    getTracer(name: string): { startActiveSpan<Result>(name: string, act: (span: Span) => Result): Result };
  };
  readonly context: { setGlobalContextManager(manager: unknown): void };
}

interface SdkTrace {
  readonly TracerProvider: new (options: object) => unknown;
}

interface Contexts {
  readonly AsyncLocalStorageContextManager: new () => { enable(): unknown };
}

/** OpenTelemetry's SDK, as an application has it that samples everything; its spans are counted, and go nowhere. */
export class Tracing {
  readonly #tracer: ReturnType<Api["trace"]["getTracer"]>;
  readonly #ended: Record<string, number>;

  private constructor({ trace }: Api, ended: Record<string, number>) {
    this.#tracer = trace.getTracer("bench");
    this.#ended = ended;
  }

  static async started(): Promise<Tracing> {
    const api = await loadPeer<Api>("@opentelemetry/api");
    const { TracerProvider } = await loadPeer<SdkTrace>("@opentelemetry/sdk-trace");
    const { AsyncLocalStorageContextManager } = await loadPeer<Contexts>("@opentelemetry/context-async-hooks");
    const ended: Record<string, number> = {};
    const counting = {
      onStart: () => {},
      onEnd: ({ name }: { readonly name: string }) => {
        ended[name] = (ended[name] ?? 0) + 1;
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [counting] }));
    return new Tracing(api, ended);
  }

  /** Whoever asks for a task has a span, in whose context it does so. */
  async within<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#tracer.startActiveSpan("request", async (span) => {
      const result = await act();
      span.end();
      return result;
    });
  }

  /** Writes how many spans have ended, by name. */
  tell(file: string): void {
    writeFileSync(file, JSON.stringify(this.#ended));
  }
}
