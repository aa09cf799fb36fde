import type { RecordingHeader, RecordingSnapshot, StageSnapshot } from "@pinchpoint/verdict";

/** A process with a source and a sink. */
export function header(pid = 7, pipeline = "etl"): RecordingHeader {
  return {
    format: "pinchpoint.recording/v1",
    kind: "header",
    machine: { cores: 2, node: "v24.0.0", platform: "linux" },
    processes: [{ id: 0, pid }],
    threads: [{ id: 0, process: 0, role: "main", name: "main" }],
    stages: [
      { id: 0, pipeline, name: "read", role: "source", workers: null },
      { id: 1, pipeline, name: "store", role: "sink", workers: 4 },
    ],
    edges: [{ from: 0, to: 1 }],
    resources: [{ id: 0, name: "table", kind: "service", capacity: null }],
  };
}

export function snapshot(atSeconds: number, row: Partial<StageSnapshot> = {}): RecordingSnapshot {
  return {
    kind: "snapshot",
    atSeconds,
    stages: [0, 1].map((stage) => ({ ...stageRow(stage), ...row })),
    resources: [{ stage: 1, resource: 0, thread: 0, uses: 0, waitSeconds: 0, useSeconds: 0, wait: null, use: null }],
    threads: [{ thread: 0, cpuSeconds: 1, runQueueSeconds: 0, loopActiveSeconds: 1, loopIdleSeconds: 0 }],
    processes: [{ process: 0, cpuSeconds: 1, runQueueSeconds: 0 }],
    losses: {},
  };
}

function stageRow(stage: number): StageSnapshot {
  return {
    stage,
    thread: 0,
    units: 0,
    arrived: 0,
    items: 0,
    errors: 0,
    dropped: 0,
    emitted: 0,
    stateSeconds: [0, 0, 0, 0, 0, 0],
    stateWorkers: [0, 1, 0, 0, 0, 0],
    loopHeldSeconds: 0,
    loopHeldSquared: 0,
    loopOverlapSeconds: 0,
    duration: null,
  };
}
