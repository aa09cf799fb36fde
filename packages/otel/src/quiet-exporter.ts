import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import type { Socket } from "node:net";

interface Exported {
  readonly code: number;
  readonly error?: Error;
}

/** What exporters of spans and of metrics have in common. */
export interface Exporter<Batch> {
  export(batch: Batch, onResult: (result: Exported) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

const FAILED = 1;

/**
 * Makes an exporter one that nobody notices: what it sends belongs to no stage and no trace of the application, whoever
 * caused it, and its connections keep no process alive.
 *
 * @param onFailure - told of each export that failed
 */
export function quiet<Batch, Exporting extends Exporter<Batch>>(
  exporter: Exporting,
  onFailure: (error: unknown) => void,
): Exporting {
  const inOwnContext = exporting.run(true, () => AsyncLocalStorage.snapshot());
  const send = exporter.export.bind(exporter);
  exporter.export = (batch, onResult) => {
    inOwnContext(() => {
      letGo();
      send(batch, (result) => {
        if (result.code === FAILED) onFailure(result.error);
        onResult(result);
      });
    });
  };
  return exporter;
}

const exporting = new AsyncLocalStorage<boolean>();
let isListening = false;

/** From the first export on: sockets that exports open let the process end. */
function letGo(): void {
  if (isListening) return;
  isListening = true;
  diagnostics.subscribe("net.client.socket", (message) => {
    if (exporting.getStore() === true) (message as { readonly socket: Socket }).socket.unref();
  });
}
