import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MetricsPage, type PageFormat } from "@pinchpoint/otel";
import { type Exemplar, openPipeline, Recorder } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { installedPythonPeer } from "./installed-peer.ts";

/** The parsers of Prometheus' client for Python, that of OpenMetrics the strictest there is. */
const peer = installedPythonPeer("prometheus-client");
const JUDGE = fileURLToPath(new URL("prometheus-client/judge.py", import.meta.url));

interface JudgedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly exemplar: unknown;
  }[];
}

function judged(folder: string, page: Buffer, format: PageFormat): readonly JudgedFamily[] {
  const env = { ...process.env, PYTHONPATH: folder };
  const { stdout, stderr, status } = spawnSync("python3", [JUDGE, format], { input: page, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as JudgedFamily[];
}

const EXEMPLAR: Exemplar = {
  pipeline: "flights",
  stage: "score",
  seconds: 0.5,
  atMs: 1500,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
};

const ODD = 'say "hi"\n\\ 東京 🛩 {a="b"}';

function recordedPage(): MetricsPage {
  let nowMs = 1000;
  const clock = { nowMs: () => nowMs, idleMs: () => 0 };
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const pipeline = openPipeline(recorder, "flights");
  const table = pipeline.resource("table", { kind: "service", capacity: 16 });
  for (const name of ["score", ODD]) {
    const stage = pipeline.stage(name);
    stage.run(() => {
      stage.use(table, () => {
        nowMs += 500;
      });
    });
  }
  const read = () => ({ snapshot: recorder.snapshot(), threads: [], room: recorder.room(), exemplars: [EXEMPLAR] });
  const resourceAttributes = { "service.name": ODD, "host.name": "here" };
  const page = new MetricsPage(read, { resourceAttributes, clockOriginMs: 1_700_000_000_000 });
  // How long collecting took is told from the second page on.
  page.render("prometheus");
  return page;
}

test.for(["prometheus", "openmetrics"] as const)(
  "Prometheus' parser reads the page in the format %s, and every series of it",
  (format, { skip }) => {
    if ("missing" in peer) return skip(peer.missing);
    const page = recordedPage().render(format);
    const families = judged(peer.folder, page, format);
    const lines = page
      .toString()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.length).toBeGreaterThan(80);
    expect(families.flatMap(({ samples }) => samples)).toHaveLength(lines.length);
    const counts = families.find(({ name }) => name === "pinchpoint_stage_duration_seconds");
    expect(counts?.type).toBe("histogram");
    const whole = counts?.samples.filter(({ name }) => name.endsWith("_count")) ?? [];
    expect(whole.map(({ labels, value }) => [labels.pinchpoint_stage_name, value])).toEqual([
      ["score", 1],
      [ODD, 1],
    ]);
  },
);

test("Prometheus' parser reads types, units, the resource and exemplars of OpenMetrics", ({ skip }) => {
  if ("missing" in peer) return skip(peer.missing);
  const families = judged(peer.folder, recordedPage().render("openmetrics"), "openmetrics");
  const described = Object.fromEntries(families.map(({ name, type, unit }) => [name, [type, unit]]));
  expect(described).toMatchObject({
    target: ["info", ""],
    pinchpoint_stage_items: ["counter", ""],
    pinchpoint_stage_state_time_seconds: ["counter", "seconds"],
    pinchpoint_stage_duration_seconds: ["histogram", "seconds"],
    pinchpoint_rows_in_use: ["gauge", ""],
  });
  expect(families.find(({ name }) => name === "target")?.samples[0]?.labels).toEqual({
    service_name: ODD,
    host_name: "here",
  });
  const shown = families.flatMap(({ samples }) => samples).filter(({ exemplar }) => exemplar !== null);
  expect(shown.map(({ labels, exemplar }) => [labels.le, exemplar])).toEqual([
    [
      "0.5",
      {
        labels: { trace_id: EXEMPLAR.traceId, span_id: EXEMPLAR.spanId },
        value: 0.5,
        seconds: 1_700_000_001.5,
      },
    ],
  ]);
});

test.for([
  ["no end", (page: string) => page.replace("# EOF\n", "")],
  ["a unit that the name does not end in", (page: string) => page.replace(/^# UNIT (\S+) seconds$/m, "# UNIT $1 s")],
  [
    "a counter without _total",
    (page: string) => page.replace(/^pinchpoint_stage_arrived_total/m, "pinchpoint_stage_arrived"),
  ],
  ["an exemplar of a gauge", (page: string) => page.replace(/^(pinchpoint_rows_limit.*)$/m, '$1 # {a="b"} 1 1')],
] as const)("Prometheus' parser refuses OpenMetrics with %s", ([, spoil], { skip }) => {
  if ("missing" in peer) return skip(peer.missing);
  const page = recordedPage().render("openmetrics").toString();
  expect(spoil(page)).not.toBe(page);
  expect(() => judged(peer.folder, Buffer.from(spoil(page)), "openmetrics")).toThrow(/ValueError/);
});
