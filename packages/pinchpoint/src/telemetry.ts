import { createRequire } from "node:module";
import type { ApiTracing, Otlp, Reading } from "@pinchpoint/otel";
import { isTraced, wantsOtlp } from "@pinchpoint/otel/spans-wanted";
import type { Recorder } from "@pinchpoint/probe";
import { complain } from "./complaint.ts";
import { type Settings, startFolder } from "./config.ts";
import { exportFailed, NO_SDK } from "./telemetry-words.ts";
import { tracesOf } from "./traces-setting.ts";

const load = createRequire(import.meta.filename);

type Otel = typeof import("@pinchpoint/otel");

/** The end of a process waits this long at most for its last export, which itself takes three seconds at most. */
const LAST_EXPORT_MS = 4000;

export interface TelemetryOptions {
  readonly recorder: Recorder;
  readonly settings: Settings;
  readonly pipeline: string;
  readonly newReader: () => () => Reading;
}

/**
 * Who keeps the spans of this process: the SDK that the application has; or, where the environment asks for OTLP and
 * there is none, an SDK of Pinchpoint's. It is looked for when the application has begun and has something to record, so
 * that an SDK which the application starts itself comes first.
 */
export class Telemetry {
  readonly #options: TelemetryOptions;
  #isDecided = false;
  #otel: Otel | null = null;
  #isImported = false;
  #tracing: ApiTracing | null = null;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** Once a second or so, from the event loop. */
  turn(): void {
    if (!this.#isDecided) this.#decide();
    const { recorder } = this.#options;
    recorder.traces.closeWindow(recorder.nowMs());
    this.exportWorkers();
  }

  /** What worker threads have traced goes to the SDK. */
  exportWorkers(): void {
    const tracing = this.#tracing;
    if (tracing === null) return;
    const { recorder } = this.#options;
    for (const record of recorder.takeSpans()) {
      try {
        if (tracing.export(record)) recorder.keptSpan(record);
      } catch {
        recorder.lose("span");
      }
    }
  }

  #decide(): void {
    const { settings, recorder } = this.#options;
    const isOthers = isTraced();
    if (!isOthers && !wantsOtlp(process.env)) return;
    const otel = this.#loaded();
    if (otel === null) return;
    this.#isDecided = true;
    const { perSecond, problem } = tracesOf(settings.tracesText);
    if (problem !== null) this.#say("bad-traces", problem);
    if (isOthers) {
      const api = otel.registeredApi();
      if (otel.isComplete(api)) this.#tracing = new otel.ApiTracing({ api });
    } else this.#tracing = this.#start(otel)?.tracing ?? null;
    if (perSecond === 0) this.#tracing = null;
    recorder.keepSpans(this.#tracing, perSecond);
  }

  /** Null until it is there: there is another turn. */
  #loaded(): Otel | null {
    try {
      this.#otel ??= load("@pinchpoint/otel") as Otel;
    } catch {
      // Somebody's import() of it is under way, which a require must not meet; or Node may not require an ES module.
      this.#import();
    }
    return this.#otel;
  }

  #import(): void {
    if (this.#isImported) return;
    this.#isImported = true;
    const come = (otel: Otel) => {
      this.#otel ??= otel;
      this.turn();
    };
    import("@pinchpoint/otel").then(come).catch((error) => this.#say("otlp-failed", exportFailed(error)));
  }

  #start(otel: Otel): Otlp | null {
    const { pipeline, newReader } = this.#options;
    let hasFailed = false;
    const onFailure = (error: unknown) => {
      if (hasFailed) return;
      hasFailed = true;
      this.#say("otlp-failed", exportFailed(error));
    };
    try {
      const otlp = otel.startOtlp({
        producer: new otel.SnapshotProducer({
          read: newReader(),
          histograms: "exponential",
          temporality: otel.otlpTemporality(process.env),
        }),
        serviceName: pipeline,
        environment: process.env,
        folder: startFolder(),
        onFailure,
      });
      if (otlp === null) this.#say("no-sdk", NO_SDK);
      else process.once("beforeExit", () => this.#end(otlp));
      return otlp;
    } catch (error) {
      this.#say("otlp-failed", exportFailed(error));
      return null;
    }
  }

  /** The event loop has nothing more to do: what is there is sent, as far as somebody takes it soon. */
  #end(otlp: Otlp): void {
    const limit = setTimeout(() => {}, LAST_EXPORT_MS);
    this.#options.recorder.traces.closeLastWindow();
    this.exportWorkers();
    void otlp.flush().then(() => clearTimeout(limit));
  }

  #say(note: string, sentence: string): void {
    complain(this.#options.settings.handOverFolder, note, sentence);
  }
}
