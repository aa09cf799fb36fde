// beside.cjs FOLDER KIND URL: a server whose handler runs a pipeline and calls a service in two ways. Its own SDK is in
// FOLDER; KIND is the one that it starts itself (sdk, sdk-with-producer), or of the preload that started it.
const { createRequire } = require("node:module");
const http = require("node:http");
const { Readable, Transform, Writable } = require("node:stream");
const { pipeline } = require("node:stream/promises");

const [folder = "", kind = "", url = ""] = process.argv.slice(2);
const load = createRequire(`${folder}/package.json`);
const COUNT = 5;

/** @returns {Promise<{ shutdown: () => Promise<void> } | null>} */
async function startSdk() {
  if (!kind.startsWith("sdk")) return null;
  const { NodeSDK } = load("@opentelemetry/sdk-node");
  const { PeriodicExportingMetricReader } = load("@opentelemetry/sdk-metrics");
  const { OTLPMetricExporter } = load("@opentelemetry/exporter-metrics-otlp-proto");
  const metricProducers = kind === "sdk-with-producer" ? [(await import("pinchpoint")).metricProducer()] : [];
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), metricProducers });
  const instrumentations = /** @type {object[]} */ ([]);
  const sdk = new NodeSDK({ serviceName: "mine", instrumentations, metricReaders: [reader] });
  sdk.start();
  return sdk;
}

/** @param {string} path @returns {Promise<void>} */
function ask(path) {
  return new Promise((resolve, reject) => {
    http.get(`${url}${path}`, (response) => response.resume().on("end", () => resolve())).on("error", reject);
  });
}

/** @param {http.IncomingMessage} _request @param {http.ServerResponse} response */
async function handle(_request, response) {
  const numbers = Array.from({ length: 3 }, (_, number) => ({ number }));
  let sum = 0;
  await pipeline(
    Readable.from(numbers),
    new Transform({ objectMode: true, transform: (item, _, done) => done(null, { number: 2 * item.number }) }),
    new Writable({
      objectMode: true,
      write: (item, _, done) => {
        sum += item.number;
        done();
      },
    }),
  );
  await (await fetch(`${url}/fetch`)).text();
  await ask("/get");
  response.end(String(sum));
}

async function main() {
  const sdk = await startSdk();
  const server = http.createServer((request, response) => void handle(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  for (let count = 0; count < COUNT; count++) {
    const { stdout } = await new Promise((resolve, reject) => {
      // Another process asks, so that no trace of this one comes with the requests.
      require("node:child_process").execFile(
        process.execPath,
        ["-e", `fetch("http://127.0.0.1:${port}/").then((r) => r.text()).then(console.log)`],
        { env: {} },
        (error, stdout) => (error ? reject(error) : resolve({ stdout })),
      );
    });
    process.stdout.write(stdout);
  }
  server.close();
  server.closeAllConnections();
  await sdk?.shutdown();
}

void main();
