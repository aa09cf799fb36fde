import { METRICS, STATES } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { Source, told } from "./collections.ts";
import { durations, resource, resourceRow, snapshot, stage, stageRow, thread } from "./snapshots.ts";

const STAGE = "pipeline=flights stage=score";

test("items are told by outcome, arrivals and emissions without one", async () => {
  const row = stageRow({ arrived: 12, items: 9, errors: 2, dropped: 1, emitted: 30, untimed: 4 });
  const source = new Source(snapshot({ stageRows: [row] }));
  expect(await source.told("pinchpoint.stage.items")).toEqual({
    [`outcome=ok ${STAGE}`]: 9,
    [`outcome=error ${STAGE}`]: 2,
    [`outcome=dropped ${STAGE}`]: 1,
  });
  expect(await source.told("pinchpoint.stage.arrived")).toEqual({ [STAGE]: 12 });
  expect(await source.told("pinchpoint.stage.emitted")).toEqual({ [STAGE]: 30 });
  expect(await source.told("pinchpoint.stage.untimed")).toEqual({ [STAGE]: 4 });
});

test("stages that had no room of their own are marked as OpenTelemetry's SDK marks what is beyond a limit", async () => {
  const overflow = stage({ pipeline: "others", name: "others", attributes: { "otel.metric.overflow": "true" } });
  const source = new Source(snapshot({ stages: [overflow], stageRows: [stageRow({ arrived: 12 })] }));
  expect(await source.told("pinchpoint.stage.arrived")).toEqual({
    "otel.metric.overflow=true pipeline=others stage=others": 12,
  });
});

test("every state of a stage is told, also those that it was never in", async () => {
  const source = new Source(snapshot({ stageRows: [stageRow({ stateSeconds: [1, 2, 0, 4, 5, 6] })] }));
  const states = [1, 2, 0, 4, 5, 6].map((seconds, state) => [`${STAGE} state=${STATES[state]}`, seconds]);
  expect(await source.told("pinchpoint.stage.state.time")).toEqual(Object.fromEntries(states));
});

test("waiting for a resource and using it are told by resource, and the states still add up to the workers' time", async () => {
  const source = new Source(
    snapshot({
      resources: [resource(), resource({ id: 1, name: "gpu", kind: "gpu", capacity: 1 })],
      stageRows: [stageRow({ stateSeconds: [1, 2, 10, 20, 0, 0] })],
      resourceRows: [
        resourceRow({ waitSeconds: 3, useSeconds: 20 }),
        resourceRow({ resource: 1, waitSeconds: 6, useSeconds: 0 }),
      ],
    }),
  );
  const times = await source.told("pinchpoint.stage.state.time");
  expect(times).toMatchObject({
    "pipeline=flights resource=bigtable stage=score state=wait": 3,
    "pipeline=flights resource=gpu stage=score state=wait": 6,
    [`${STAGE} state=wait`]: 1,
    "pipeline=flights resource=bigtable stage=score state=use": 20,
    [`${STAGE} state=use`]: 0,
  });
  expect(Object.values(times).reduce((sum, seconds) => sum + seconds, 0)).toBe(33);
});

test("threads of one stage are summed, and told apart only where the role is an attribute", async () => {
  const source = new Source(
    snapshot({
      threads: [thread(), thread({ id: 1, role: "worker", name: "w1" }), thread({ id: 2, role: "worker", name: "w2" })],
      stageRows: [
        stageRow({ items: 1, loopHeldSeconds: 0.5, stateWorkers: [1, 0, 0, 0, 0, 0], duration: durations(1) }),
        stageRow({
          thread: 1,
          items: 10,
          loopHeldSeconds: 2,
          stateWorkers: [0, 1, 1, 1, 1, 0],
          duration: durations(1, 3),
        }),
        stageRow({
          thread: 2,
          items: 100,
          loopHeldSeconds: 4,
          stateWorkers: [0, 0, 0, 0, 0, 2],
          duration: durations(3),
        }),
      ],
    }),
  );
  const metrics = await source.metrics();
  expect(told(metrics, "pinchpoint.stage.items")).toMatchObject({ [`outcome=ok ${STAGE}`]: 111 });
  expect(told(metrics, "pinchpoint.stage.loop.time")).toEqual({
    [`${STAGE} thread.role=main`]: 0.5,
    [`${STAGE} thread.role=worker`]: 6,
  });
  expect(told(metrics, "pinchpoint.stage.workers")).toEqual({ [STAGE]: 7 });
  expect(told(metrics, "pinchpoint.stage.in_flight")).toEqual({ [STAGE]: 4 });
  expect(told(metrics, "pinchpoint.stage.duration")).toMatchObject({ [STAGE]: { count: 4, sum: 8 } });
});

test("a resource's durations are told by the stage that waits, its capacity by itself where it was declared", async () => {
  const source = new Source(
    snapshot({
      resources: [resource({ capacity: 16 }), resource({ id: 1, name: "api", capacity: null })],
      resourceRows: [resourceRow({ wait: durations(0.25, 0.5), use: durations(2) })],
    }),
  );
  const metrics = await source.metrics();
  const key = "pipeline=flights resource=bigtable stage=score";
  expect(told(metrics, "pinchpoint.resource.wait.duration")).toMatchObject({ [key]: { count: 2, sum: 0.75 } });
  expect(told(metrics, "pinchpoint.resource.use.duration")).toMatchObject({ [key]: { count: 1, sum: 2 } });
  expect(told(metrics, "pinchpoint.resource.capacity")).toEqual({ "pipeline=flights resource=bigtable": 16 });
});

test("how many hold a resource is the sum over all that use it", async () => {
  const source = new Source(
    snapshot({
      stages: [stage(), stage({ id: 1, name: "store" })],
      stageRows: [stageRow(), stageRow({ stage: 1 })],
      resources: [resource()],
      resourceRows: [resourceRow({ inUse: 2 }), resourceRow({ stage: 1, inUse: 3 })],
    }),
  );
  expect(await source.told("pinchpoint.resource.in_use")).toEqual({ "pipeline=flights resource=bigtable": 5 });
});

test("what the application bound to a stage is told with it, and cannot take the place of what identifies it", async () => {
  const attributes = {
    "pinchpoint.model.name": "delay",
    "pinchpoint.stage.name": "other",
    pinchpoint_pipeline_name: "other",
    le: "1",
    "team.name": "a",
    team_name: "b",
    "9lives": "c",
    "": "d",
  };
  const source = new Source(snapshot({ stages: [stage({ attributes })] }));
  expect(Object.keys(await source.told("pinchpoint.stage.arrived"))).toEqual([`model=delay ${STAGE} team=a`]);
});

test("rows of a stage or a resource that the snapshot does not define are left out", async () => {
  const source = new Source(
    snapshot({
      stageRows: [stageRow(), stageRow({ stage: 7, arrived: 5 })],
      resourceRows: [resourceRow({ resource: 7 })],
    }),
  );
  expect(await source.told("pinchpoint.stage.arrived")).toEqual({ [STAGE]: 0 });
  expect(await source.told("pinchpoint.resource.wait.duration")).toEqual({});
});

test("each metric of the catalogue is told, with no attribute but those that it names there", async () => {
  const source = new Source(snapshot({ resources: [resource()], resourceRows: [resourceRow()], losses: { clock: 1 } }));
  source.threads = [
    {
      thread: 0,
      cpuSeconds: 1,
      runQueueSeconds: 1,
      loopActiveSeconds: 1,
      loopIdleSeconds: 1,
      collections: [{ kind: "minor", counts: [1, 0, 0, 0, 0], sumSeconds: 0.001 }],
      spaces: [{ name: "old_space", used: 1, size: 2 }],
    },
  ];
  source.loopDelay = { meanSeconds: 0.1, p50Seconds: 0.1, p99Seconds: 0.2, maxSeconds: 0.3 };
  source.room = { rowsInUse: 1, rowLimit: 64, threadsInUse: 1, threadLimit: 16 };
  await source.metrics();
  const metrics = await source.metrics();
  const named = new Map(Object.values(METRICS).map(({ name, attributes }) => [name, attributes]));
  const toldNames = metrics.map(({ descriptor }) => descriptor.name);
  expect(new Set(toldNames)).toEqual(new Set(named.keys()));
  for (const { descriptor, dataPoints } of metrics) {
    const allowed = ["pinchpoint.pipeline.name", "pinchpoint.stage.name", ...(named.get(descriptor.name) ?? [])];
    for (const { attributes } of dataPoints) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(attributes)));
    }
  }
});
