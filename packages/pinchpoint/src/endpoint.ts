import type { Reading } from "@pinchpoint/otel";
import { complain } from "./complaint.ts";
import type { Settings } from "./config.ts";
import { ENVIRONMENT } from "./environment.ts";
import { pageOf } from "./page-setting.ts";
import { type Port, portOf } from "./port.ts";

export interface EndpointOptions {
  readonly settings: Settings;
  readonly pipeline: string;
  readonly newReader: () => () => Reading;
}

/**
 * The process's page of metrics. A port that cannot be had costs the application nothing: one line says so, by the
 * mouth of `pinchpoint run` where that is the parent, because of several processes only the first gets the port.
 */
export class Endpoint {
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#serve().catch((error: unknown) => this.#say("no-endpoint", `/metrics is not served: ${messageOf(error)}`));
  }

  async #serve(): Promise<void> {
    const { settings, newReader, pipeline } = this.#options;
    const port: Port = portOf(settings.portText, ENVIRONMENT.port);
    if (port === null) return;
    const { renderer, problem } = pageOf(settings.pageText);
    if (problem !== null) this.#say("bad-page", problem);
    const { ExporterPage, MetricsPage, servePrometheus, SnapshotProducer } = await import("@pinchpoint/otel");
    const read = newReader();
    const options = {
      resourceAttributes: { "service.name": pipeline },
      ...(settings.buckets === undefined ? {} : { boundsSeconds: settings.buckets }),
    };
    const page =
      renderer === "own"
        ? new MetricsPage(read, options)
        : new ExporterPage(new SnapshotProducer({ ...options, read }));
    const result = await servePrometheus({ page, port });
    if (result.kind === "taken") this.#say(`port-taken-${port}`, portTaken(port, "PINCHPOINT_PORT=N or off"));
    if (result.kind === "refused") this.#say("no-endpoint", `/metrics is not served: ${messageOf(result.cause)}`);
  }

  #say(note: string, sentence: string): void {
    complain(this.#options.settings.handOverFolder, note, sentence);
  }
}

/** @param remedy - where to give another port */
export function portTaken(port: number, remedy: string): string {
  return `port ${port} is taken, so a process serves no /metrics; choose another by ${remedy}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
