import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Runs a program that has `serving` and `url`, and returns what it prints before it ends by itself. */
function run(program: string, page = "new MetricsPage(read)"): string {
  const text = `
    import Module from "node:module";
    import { ExporterPage, MetricsPage, SnapshotProducer, servePrometheus } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
    const snapshot = { atMs: 1, threads: [], stages: [], edges: [], resources: [], stageRows: [], resourceRows: [], losses: {} };
    const read = () => ({ snapshot, threads: [] });
    const page = ${page};
    const serving = await servePrometheus({ page, port: 0 });
    const loaded = () => Object.keys(Module._cache).some((path) => path.includes("@opentelemetry"));
    ${program}`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { encoding: "utf8", env, timeout: 20_000 } as const;
  return execFileSync(process.execPath, ["--input-type=module-typescript", "-e", text], options);
}

const EXPORTER = "new ExporterPage(new SnapshotProducer({ read }))";

test("a server that nobody reads from has not loaded the exporter, and does not keep the process alive", () => {
  for (const page of [undefined, EXPORTER]) {
    expect(run("console.log(serving.kind, loaded());", page)).toBe("serving false\n");
  }
});

test("our own page needs nothing of the SDK", () => {
  const program = "const { status } = await fetch(serving.url); console.log(status, loaded()); await serving.stop();";
  expect(run(program)).toBe("200 false\n");
  expect(run(program, EXPORTER)).toBe("200 true\n");
});

test("a scraper's open connection does not keep the process alive", () => {
  const program = `
    import { connect } from "node:net";
    const socket = connect(serving.port, "127.0.0.1");
    socket.write("GET /metrics HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.unref();
    // What is listed keeps the event loop alive.
    console.log(loaded(), process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length);`;
  expect(run(program)).toBe("false 0\n");
});

test("two workers of a cluster do not share the port, where a scrape would reach now one and now the other", () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const options = { encoding: "utf8", env, timeout: 20_000 } as const;
  const program = fileURLToPath(new URL("cluster-workers.ts", import.meta.url));
  expect(execFileSync(process.execPath, [program], options)).toBe("serving, taken");
});
