// The model server: started by the application as a process of its own, it ends with it.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { featureNames } from "./delay-features.ts";
import { firstLine } from "./failure.ts";
import { agreedProbability, lateProbability, loadModel, modelFile } from "./model.ts";
import { parseSettings } from "./settings.ts";
import { Slots } from "./slots.ts";

const rowBytes = featureNames.length * Float32Array.BYTES_PER_ELEMENT;

const settings = parseSettings(process.argv[2] ?? "{}", "the scorer's argument");
// The other end of standard input is the application's: it closes with it, also when that is killed.
process.stdin.on("close", () => process.exit()).resume();

const model = await loadModel(modelFile);
const slots = new Slots(settings.remoteSlots);

/** Scores a batch in one of the slots, as an accelerator of another machine would: computing, then a wait. */
async function score(features: Float32Array): Promise<Float32Array> {
  const flights = features.length / featureNames.length;
  return slots.hold(async () => {
    const late = await agreedProbability(() => lateProbability(model, features, flights), settings.scorePasses);
    if (settings.remoteMs > 0) await sleep(settings.remoteMs);
    return late;
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const body = await bodyOf(request);
    if (body.length % rowBytes !== 0) {
      response.writeHead(400).end(`a batch is rows of ${rowBytes} bytes, got ${body.length}`);
      return;
    }
    // Copied, because the bytes of a Buffer need not start where a float may.
    const late = await score(new Float32Array(new Uint8Array(body).buffer));
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.end(new Uint8Array(late.buffer));
  };
  answer().catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(500).end(firstLine(error));
  });
});
// The application decides how long a connection lives; one that the server closes may take a batch with it.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
});
