import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OtlpReceiver, type ReceivedSpan, startReceiver } from "../end-to-end/otlp-receiver.ts";
import { endPrograms, NODE, PRELOAD, startProgram } from "../end-to-end/program.ts";
import { installedPeer, type Peer } from "./installed-peer.ts";

const APPLICATION = fileURLToPath(new URL("existing-sdks/beside.cjs", import.meta.url));
const REQUESTS = 5;

/** Whom the application calls: the headers of each request, as they were written. */
interface Service {
  readonly url: string;
  readonly heard: readonly IncomingMessage[];
  close(): void;
}

let receiver: OtlpReceiver;
let service: Service;
beforeEach(async () => {
  receiver = await startReceiver();
  service = await startService();
});
afterEach(async () => {
  endPrograms();
  service.close();
  await receiver.close();
});

async function startService(): Promise<Service> {
  const heard: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    heard.push(request);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, heard, close: () => server.close() };
}

interface Beside {
  readonly folder: string;
  readonly kind: string;
  /** What the application's own SDK is loaded by, before it. */
  readonly preload: readonly string[];
}

/** Runs the application, with Pinchpoint before its SDK, behind it, or without. */
async function ran({ folder, kind, preload }: Beside, place: "before" | "behind" | "without") {
  const own = preload.flatMap((file) => ["--require", file]);
  const words = { before: ["--require", PRELOAD, ...own], behind: [...own, "--require", PRELOAD], without: own }[place];
  const heardBefore = service.heard.length;
  const spansBefore = receiver.spans.length;
  const environment = {
    PINCHPOINT_PORT: "off",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "100",
    DD_TRACE_AGENT_URL: service.url,
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
    DD_REMOTE_CONFIGURATION_ENABLED: "false",
    DD_TRACE_STARTUP_LOGS: "false",
  };
  const ended = await startProgram(NODE, [...words, APPLICATION, folder, kind, service.url], { environment }).ended;
  const heard = service.heard.slice(heardBefore).filter(({ url }) => url === "/fetch" || url === "/get");
  return { ended, heard, spans: receiver.spans.slice(spansBefore) };
}

/** How often each header that tells a trace was written, in all requests. */
function toldIn(heard: readonly IncomingMessage[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { url, rawHeaders } of heard) {
    for (const [at, name] of rawHeaders.entries()) {
      if (at % 2 === 1 || !/^(traceparent|b3|x-datadog-trace-id)$/i.test(name)) continue;
      const key = `${url} ${name.toLowerCase()}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

const countOf = (spans: readonly ReceivedSpan[], scope: (name: string) => boolean, kind?: string) =>
  spans.filter((span) => scope(span.scope) && (kind === undefined || span.kind === kind)).length;
const ours = (scope: string) => scope === "pinchpoint";
const theirs = (scope: string) => scope !== "pinchpoint";

const existing = installedPeer("existing-sdks");
const older = installedPeer("sdk-2");

/** Where a peer is installed; where it could not be, the test is skipped, with the reason. */
function folderOf(peer: Peer, skip: (reason: string) => never): string {
  return "folder" in peer ? peer.folder : skip(peer.missing);
}

describe("beside an SDK", () => {
  test.for(["sdk", "sdk-with-producer"])(
    "%s: the application's own SDK keeps Pinchpoint's spans too",
    async (kind, { skip }) => {
      const folder = folderOf(existing, skip);
      const beside = { folder, kind, preload: [] };
      const alone = await ran(beside, "without");
      const together = await ran(beside, "before");
      expect(together.ended).toEqual(alone.ended);
      expect(alone.ended).toEqual({ code: 0, signal: null, stdout: "6\n".repeat(REQUESTS), stderr: "" });
      expect(alone.spans).toEqual([]);
      // This SDK has no instrumentation: the requests and the calls are Pinchpoint's to tell.
      expect(new Set(together.spans.map(({ service: name }) => name))).toEqual(new Set(["mine"]));
      expect(countOf(together.spans, ours)).toBe(together.spans.length);
      const calls = together.spans.filter(({ kind: of }) => of === "client");
      const servers = together.spans.filter(({ kind: of }) => of === "server");
      // Until the SDK is found, in the first turns, there is nobody who keeps spans.
      expect(servers.length).toBeGreaterThanOrEqual(REQUESTS - 1);
      expect(calls.length).toBe(2 * servers.length);
      for (const call of calls) expect(servers.map(({ spanId }) => spanId)).toContain(call.parentSpanId);
      const told = toldIn(together.heard);
      expect(told).toEqual({ "/fetch traceparent": servers.length, "/get traceparent": servers.length });
      const stages = receiver.points().filter(({ metric }) => metric === "pinchpoint.stage.items");
      const requests = stages.find(
        ({ attributes }) => attributes["pinchpoint.stage.name"] === "http-server" && attributes.outcome === "ok",
      );
      expect(requests?.value).toBe(kind === "sdk" ? undefined : REQUESTS);
    },
  );

  test.for(["before", "behind"] as const)(
    "auto-instrumentations, with Pinchpoint %s them: their spans are as alone, and stages go into their traces",
    async (place, { skip }) => {
      const folder = folderOf(existing, skip);
      const preload = [join(folder, "node_modules/@opentelemetry/auto-instrumentations-node/dist/register.cjs")];
      const beside = { folder, kind: "auto", preload };
      const alone = await ran(beside, "without");
      const together = await ran(beside, place);
      expect({ ...together.ended, stderr: "" }).toEqual({ ...alone.ended, stderr: "" });
      expect(alone.ended.stdout).toBe("6\n".repeat(REQUESTS));
      for (const kind of ["server", "client"]) {
        expect(countOf(alone.spans, theirs, kind), kind).toBeGreaterThan(0);
        expect(countOf(together.spans, theirs, kind), kind).toBe(countOf(alone.spans, theirs, kind));
        expect(countOf(together.spans, ours, kind), kind).toBe(0);
      }
      expect(toldIn(together.heard)).toEqual(toldIn(alone.heard));
      expect(toldIn(alone.heard)).toEqual({ "/fetch traceparent": REQUESTS, "/get traceparent": REQUESTS });
      const stages = together.spans.filter(({ scope }) => ours(scope));
      const servers = together.spans.filter(({ kind }) => kind === "server");
      expect(stages.length).toBeGreaterThan(0);
      for (const { traceId } of stages) expect(servers.map((span) => span.traceId)).toContain(traceId);
    },
  );

  test.for(["before", "behind"] as const)(
    "dd-trace, with Pinchpoint %s it: what it tells services and its agent is as alone, and nothing is added",
    async (place, { skip }) => {
      const folder = folderOf(existing, skip);
      const beside = { folder, kind: "dd-trace", preload: [join(folder, "node_modules/dd-trace/init.js")] };
      const alone = await ran(beside, "without");
      const tracesAlone = tracesOf(service.heard);
      const together = await ran(beside, place);
      expect(together.ended).toEqual(alone.ended);
      expect(alone.ended.stdout).toBe("6\n".repeat(REQUESTS));
      expect(toldIn(together.heard)).toEqual(toldIn(alone.heard));
      expect(toldIn(alone.heard)).toMatchObject({
        "/fetch x-datadog-trace-id": REQUESTS,
        "/get x-datadog-trace-id": REQUESTS,
      });
      expect(tracesOf(service.heard) - tracesAlone).toBe(tracesAlone);
      expect(tracesAlone).toBeGreaterThan(0);
      expect(together.spans).toEqual([]);
    },
  );
});

/** How many traces Datadog's tracer has sent to its agent. */
function tracesOf(heard: readonly IncomingMessage[]): number {
  return heard
    .filter(({ url }) => url?.endsWith("/traces"))
    .reduce((sum, { headers }) => sum + Number(headers["x-datadog-trace-count"] ?? 0), 0);
}

test("an application with SDK 2 and its older API keeps Pinchpoint's spans too", async ({ skip }) => {
  const beside = { folder: folderOf(older, skip), kind: "sdk-with-producer", preload: [] };
  const alone = await ran(beside, "without");
  const together = await ran(beside, "before");
  expect(together.ended).toEqual(alone.ended);
  expect(alone.ended.stdout).toBe("6\n".repeat(REQUESTS));
  expect(countOf(together.spans, ours, "server")).toBeGreaterThanOrEqual(REQUESTS - 1);
  expect(receiver.points().some(({ metric }) => metric === "pinchpoint.stage.items")).toBe(true);
});
