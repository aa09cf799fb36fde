import cluster from "node:cluster";
import { type AddressInfo, createServer } from "node:net";
import { MetricsPage, servePrometheus } from "../src/index.ts";
import { snapshot } from "./snapshots.ts";

/** A program: two workers of `node:cluster` that want the same port, one after the other. */
if (cluster.isPrimary) {
  // A number that both name themselves: a port that the system chose is never shared.
  const WANTED_PORT = String(await freePort());
  const first = cluster.fork({ WANTED_PORT });
  first.once("message", (kind: string) => {
    const second = cluster.fork({ WANTED_PORT });
    second.once("message", (otherKind: string) => {
      process.stdout.write(`${kind}, ${otherKind}`);
      first.kill();
      second.kill();
    });
  });
} else {
  const page = new MetricsPage(() => ({ snapshot: snapshot(), threads: [] }));
  const { kind } = await servePrometheus({ page, port: Number(process.env.WANTED_PORT) });
  process.send?.(kind);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
