import type { Exemplar } from "@pinchpoint/probe";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricsPage, type MetricsPageOptions } from "../src/metrics-page.ts";
import type { PageFormat } from "../src/page.ts";
import { PageWriter } from "../src/page-writer.ts";
import { Source, told } from "./collections.ts";
import { exposition } from "./exposition.ts";
import { openMetrics } from "./openmetrics.ts";
import { durations, snapshot, stage, stageRow } from "./snapshots.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const ORIGIN_MS = 1_700_000_000_000;

function pageOf(source: Source, options: MetricsPageOptions = {}): MetricsPage {
  return new MetricsPage(source.read, { clockOriginMs: ORIGIN_MS, ...options });
}

function textOf(page: MetricsPage, format: PageFormat): string {
  return page.render(format).toString();
}

test("both formats tell the same, of each series by the same name", () => {
  const stageRows = [
    stageRow({ arrived: 3, stateSeconds: [0.25, 1e-7, 3e21, 0, 0, 0], duration: durations(0.3, 2, 5000) }),
  ];
  const page = pageOf(new Source(snapshot({ stageRows, losses: { clock: 1 } })), { nowMs: () => 0 });
  page.render("prometheus");
  const text = [...exposition(textOf(page, "prometheus")).values()].flatMap(({ samples }) => samples);
  const open = [...openMetrics(textOf(page, "openmetrics")).values()].flatMap(({ samples }) => samples);
  const told = (samples: readonly { name: string; labels: object; value: number }[]) =>
    samples
      .filter(({ name }) => !name.startsWith("pinchpoint_collect"))
      .map(({ name, labels, value }) => [name, { ...labels, le: Number((labels as { le?: string }).le) }, value]);
  expect(told(open)).toEqual(told(text));
  expect(open.length).toBeGreaterThan(40);
});

test("the page tells what a reader of the producer is told", async () => {
  const source = new Source(snapshot({ stageRows: [stageRow({ arrived: 7, stateSeconds: [1.5, 0.1, 0, 0, 0, 2] })] }));
  const families = exposition(textOf(pageOf(source), "prometheus"));
  const states = Object.entries(await source.told("pinchpoint.stage.state.time"));
  expect(
    families
      .get("pinchpoint_stage_state_time_seconds_total")
      ?.samples.map(({ labels, value }) => [labels.state, value]),
  ).toEqual(states.map(([labels, value]) => [/state=(\w+)/.exec(labels)?.[1], value]));
  expect(told(await source.metrics(), "pinchpoint.stage.arrived")).toEqual({ "pipeline=flights stage=score": 7 });
});

test("in OpenMetrics families have their unit, and end with it", () => {
  const families = openMetrics(textOf(pageOf(new Source(snapshot())), "openmetrics"));
  expect([...families].flatMap(([name, { unit }]) => (unit === null ? [] : [name]))).toEqual([
    "pinchpoint_stage_state_time_seconds",
    "pinchpoint_stage_loop_time_seconds",
    "pinchpoint_stage_duration_seconds",
  ]);
  expect(families.get("target")).toMatchObject({ type: "info", samples: [{ name: "target_info", value: 1 }] });
});

test("attributes of the resource that are one label are told as one, and odd ones parse", () => {
  const resourceAttributes = {
    "service.name": 'say "hi"\n\\',
    service_name: "other",
    "0day": true,
    "k8s.pod.ip": ["a", "b"],
    größe: 3,
  };
  const page = pageOf(new Source(snapshot()), { resourceAttributes });
  const labels = {
    service_name: 'say "hi"\n\\;other',
    key_0day: "true",
    k8s_pod_ip: '["a","b"]',
    gr_e: "3",
  };
  expect(exposition(textOf(page, "prometheus")).get("target_info")?.samples[0]?.labels).toEqual(labels);
  expect(openMetrics(textOf(page, "openmetrics")).get("target")?.samples[0]?.labels).toEqual(labels);
});

test("whatever stages are called, both formats parse, and names come back", () => {
  const names = fc.uniqueArray(fc.string({ unit: "binary" }), { maxLength: 8 });
  fc.assert(
    fc.property(names, (given) => {
      const stages = given.map((name, id) => stage({ id, name: name.toWellFormed() }));
      const source = new Source(
        snapshot({ stages, stageRows: stages.map(({ id }) => stageRow({ stage: id, arrived: id })) }),
      );
      const page = pageOf(source);
      const samples = [
        exposition(textOf(page, "prometheus")).get("pinchpoint_stage_arrived_total")?.samples ?? [],
        openMetrics(textOf(page, "openmetrics")).get("pinchpoint_stage_arrived")?.samples ?? [],
      ];
      for (const shown of samples) {
        expect(shown.map(({ labels }) => labels.pinchpoint_stage_name)).toEqual(stages.map(({ name }) => name));
      }
    }),
    { seed: 8, numRuns: 100 },
  );
});

test("a stage that is opened again with other attributes is told with those", () => {
  const source = new Source(snapshot({ stages: [stage({ attributes: { model: "a" } })] }));
  const page = pageOf(source);
  const models = () =>
    exposition(textOf(page, "prometheus"))
      .get("pinchpoint_stage_arrived_total")
      ?.samples.map(({ labels }) => labels.model);
  expect(models()).toEqual(["a"]);
  source.snapshot = snapshot({ stages: [stage({ attributes: { model: "b" } })] });
  expect(models()).toEqual(["b"]);
});

test.for([
  0,
  -0,
  1,
  9,
  10,
  99,
  100,
  1_234_567_890_123,
  Number.MAX_SAFE_INTEGER,
  2 ** 60,
  1e21,
  1.5,
  -3,
  -1.234_567_890_123_456_7e-100,
  5e-324,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
])("a page has the number %d as both formats want it", (value) => {
  const writer = new PageWriter(0);
  writer.number(value);
  const text = writer.written.toString();
  expect(text).toMatch(/^(-?\d+(\.\d+)?(e[+-]?\d+)?|[+-]Inf|NaN)$/);
  expect(Number(text.replace("Inf", "Infinity"))).toBe(value === 0 ? 0 : value);
});

test("a page that grows beyond what was expected is whole", () => {
  const writer = new PageWriter(0);
  for (let line = 0; line < 5000; line++) {
    writer.text(`line ${line} `);
    writer.number(line);
    writer.endLine();
  }
  const lines = writer.written.toString().split("\n");
  expect(lines.slice(0, -1)).toEqual(Array.from({ length: 5000 }, (_, line) => `line ${line} ${line}`));
});

function exemplar(parts: Partial<Exemplar> = {}): Exemplar {
  return {
    pipeline: "flights",
    stage: "score",
    seconds: 0.3,
    atMs: 1500,
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    ...parts,
  };
}

/** The exemplars that a page shows, by the bound of their bucket. */
function shown(exemplars: readonly Exemplar[], options: MetricsPageOptions = {}): object {
  const stages = [stage(), stage({ id: 1, name: "other" })];
  const stageRows = stages.map(({ id }) => stageRow({ stage: id, duration: durations(0.3, 0.3, 5000) }));
  const source = new Source(snapshot({ stages, stageRows }));
  source.exemplars = exemplars;
  const page = pageOf(source, options);
  expect(textOf(page, "prometheus")).not.toContain("trace_id");
  const samples = openMetrics(textOf(page, "openmetrics")).get("pinchpoint_stage_duration_seconds")?.samples ?? [];
  return Object.fromEntries(
    samples.flatMap(({ labels, exemplar }) =>
      exemplar === null ? [] : [[`${labels.pinchpoint_stage_name} ${labels.le}`, exemplar]],
    ),
  );
}

test("a bucket shows the newest exemplar that lies in it, in OpenMetrics alone", () => {
  const newest = "1".repeat(16);
  const exemplars = [
    exemplar(),
    exemplar({ spanId: newest, seconds: 0.4, atMs: 2250 }),
    exemplar({ seconds: 0.5, atMs: 900 }),
    exemplar({ seconds: 5000 }),
    exemplar({ stage: "other", seconds: 0.500_01 }),
  ];
  const labels = { trace_id: TRACE_ID, span_id: SPAN_ID };
  expect(shown(exemplars)).toEqual({
    "score 0.5": { labels: { ...labels, span_id: newest }, value: 0.4, seconds: 1_700_000_002.25 },
    "score +Inf": { labels, value: 5000, seconds: 1_700_000_001.5 },
    "other 1.0": { labels, value: 0.500_01, seconds: 1_700_000_001.5 },
  });
});

test("what is no exemplar, of a stage that nobody knows or that is in the overflow, is not shown", () => {
  const bad = [
    { pipeline: "others" },
    { stage: "unknown" },
    { seconds: Number.NaN },
    { seconds: -1 },
    { seconds: Number.POSITIVE_INFINITY },
    { atMs: Number.NaN },
    { traceId: "" },
    { traceId: 'a"} 1' },
    { traceId: TRACE_ID.repeat(10) },
    { spanId: SPAN_ID.toUpperCase() },
  ];
  expect(shown(bad.map(exemplar))).toEqual({});
  expect(shown([exemplar({ stage: "other" })], { maxSeries: 2 })).toEqual({});
  expect(Object.keys(shown([exemplar()], { maxSeries: 2 }))).toEqual(["score 0.5"]);
});
