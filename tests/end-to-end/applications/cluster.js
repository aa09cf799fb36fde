// A primary that asks a server in two workers of a cluster, each of which has a pipeline of its own besides.
import cluster from "node:cluster";
import { once } from "node:events";
import { createServer } from "node:http";
import { Readable, Writable } from "node:stream";

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  const [port] = await Promise.all(workers.map(async (worker) => (await once(worker, "message"))[0]));
  let answered = 0;
  for (let id = 0; id < 20; id += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    if ((await answer.text()) === "yes") answered += 1;
  }
  for (const worker of workers) worker.send("end");
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  console.log(
    answered,
    workers.map((worker) => worker.process.exitCode),
  );
} else {
  const server = createServer((_request, response) => response.end("yes"));
  const sink = new Writable({
    objectMode: true,
    write: function store(_item, _encoding, callback) {
      setImmediate(callback);
    },
  });
  Readable.from([1, 2, 3]).pipe(sink);
  await once(sink, "finish");
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.(address.port);
  process.on("message", () => {
    server.close();
    server.closeAllConnections();
    cluster.worker?.disconnect();
  });
}
