import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { quiet } from "../src/quiet-exporter.ts";

type OnResult = (result: { code: number; error?: Error }) => void;

/** An exporter that does as the test says. */
function exporterThat(send: (batch: string, onResult: OnResult) => void) {
  return { export: send, shutdown: async () => {} };
}

const SOCKETS = "net.client.socket";

/** As Node does it when a connection is begun. */
function connect(): { isLetGo: () => boolean } {
  let isLetGo = false;
  const unref = () => {
    isLetGo = true;
  };
  diagnostics.channel(SOCKETS).publish({ socket: { unref } });
  return { isLetGo: () => isLetGo };
}

test.each([
  ["that succeeded", { code: 0 }, []],
  ["that failed", { code: 1, error: new Error("refused") }, [new Error("refused")]],
  ["that failed without an error", { code: 1 }, [undefined]],
])("an export %s is told to the SDK, and as a failure only where it is one", (_, result, failures) => {
  const failed: unknown[] = [];
  const exporter = quiet(
    exporterThat((batch, onResult) => onResult(batch === "batch" ? result : { code: 9 })),
    (error) => failed.push(error),
  );
  const results: unknown[] = [];
  exporter.export("batch", (one) => results.push(one));
  expect(results).toEqual([result]);
  expect(failed).toEqual(failures);
});

test("an export, and what it begins, is outside of whatever the application is at", async () => {
  const application = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const sent = Promise.withResolvers<void>();
  const exporter = quiet(
    exporterThat(async () => {
      seen.push(application.getStore());
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(application.getStore());
      sent.resolve();
    }),
    () => {},
  );
  application.run("a request", () => exporter.export("batch", () => {}));
  await sent.promise;
  expect(seen).toEqual([undefined, undefined]);
});

test("connections of exports let the process end; the application's own are left as they are", async () => {
  const sent = Promise.withResolvers<ReturnType<typeof connect>[]>();
  const exporter = quiet(
    exporterThat(async () => {
      const first = connect();
      await new Promise((resolve) => setImmediate(resolve));
      sent.resolve([first, connect()]);
    }),
    () => {},
  );
  exporter.export("batch", () => {});
  const own = connect();
  expect((await sent.promise).map(({ isLetGo }) => isLetGo())).toEqual([true, true]);
  expect([own, connect()].map(({ isLetGo }) => isLetGo())).toEqual([false, false]);
});
