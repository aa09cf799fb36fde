import type { Reading } from "@pinchpoint/otel";
import { complain } from "./complaint.ts";
import { ENVIRONMENT, type Settings } from "./config.ts";
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
    const port: Port = portOf(this.#options.settings.portText, ENVIRONMENT.port);
    if (port === null) return;
    const { servePrometheus, SnapshotProducer } = await import("@pinchpoint/otel");
    const resourceAttributes = { "service.name": this.#options.pipeline };
    const producer = new SnapshotProducer({ read: this.#options.newReader(), resourceAttributes });
    const result = await servePrometheus({ producer, port });
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
