import { type Candidate, type Change, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import type { Picture } from "../demand.ts";
import type { LoopDemand } from "../loop.ts";
import type { ResourceDemand } from "../resource-demand.ts";
import type { Finding } from "../verdict.ts";
import { amount, percent } from "../words.ts";
import { loopOf } from "./event-loop.ts";
import { poolChanges } from "./pool-changes.ts";

/** Run-queue wait above this share of run-queue wait + CPU, as for a thread's own shortage. */
const CONTENTION = 0.3;
/** A stage's work runs on native threads if their CPU time is at least this share of its asynchronous time. */
const NATIVE = 0.5;
/** Native threads are short of cores only where the cores are nearly used up: whose queue it is cannot be seen. */
const CORES_BUSY = 0.85;
/** All cores in use; asked where the run-queue wait is unknown. */
const ALL_CORES = 0.95;

/** The cores limit: threads that matter are ready to run and wait for one. */
export const cpuRule: Rule = {
  candidates(picture) {
    return [...picture.loops.flatMap((loop) => onLoop(loop, picture)), ...onNativeThreads(picture), ...onPools(picture)]
      .sort((a, b) => b.utilisation - a.utilisation)
      .slice(0, 1);
  },
  why(candidate, picture) {
    const findings: Finding[] = [];
    const loop = loopOf(candidate, picture);
    if (loop !== undefined) {
      const wait = loop.cpuWaitSeconds / picture.seconds;
      findings.push({ text: `thread ${loop.thread.name} waits for a core ${percent(wait)} of the time`, value: wait });
    }
    const { utilisation, contention, nativeContention, cores } = picture.cpu;
    if (utilisation !== null)
      findings.push({ text: `CPU ${percent(utilisation)} of ${amount(cores)} cores`, value: utilisation });
    const pool = poolOf(candidate, picture);
    if (pool !== undefined && pool.useSeconds > 0) {
      const wait = pool.cpuWaitSeconds / pool.useSeconds;
      findings.unshift({
        text: `threads of pool ${pool.resource.name} wait for a core ${percent(wait)} of the time`,
        value: wait,
      });
    }
    const queue = loop === undefined && pool === undefined ? nativeContention : contention;
    if (queue !== null) findings.push({ text: `run queue ${percent(queue)} of the threads' time`, value: queue });
    if (utilisation !== null && utilisation < 0.8)
      findings.push({ text: "others use the cores: a noisy neighbour", value: 1 - utilisation });
    return findings;
  },
  summary(candidate) {
    return `CPU (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const cores = picture.cpu.cores;
    const { stage, stageId } = candidate;
    const more: Change = {
      ...NO_CHANGE,
      change: `cores ${amount(cores)} -> ${amount(cores + 1)}`,
      addedCores: 1,
      step: { kind: "cores", from: cores, to: cores + 1 },
    };
    if (stage === null) return [more];
    const pool = poolOf(candidate, picture);
    if (pool !== undefined) {
      const { moreThreads, halfTheTime } = poolChanges(pool.resource, stage);
      return [more, halfTheTime, moreThreads];
    }
    return [
      more,
      { ...NO_CHANGE, change: `halve ${stage}'s time`, stageId, work: 0.5, step: halved("stage", stage) },
      {
        ...NO_CHANGE,
        change: `more ${stage} workers on these cores`,
        stageId,
        addedWorkers: 1,
        step: { kind: "workers", stage, from: 1, to: 2 },
      },
    ];
  },
};

function onLoop(loop: LoopDemand, picture: Picture): Candidate[] {
  if (loop.cpuWaitSeconds === 0) return [];
  const ids = new Set(picture.component.stages.map((stage) => stage.id));
  const holder = loop.holders.find((one) => ids.has(one.stage.id));
  return [
    {
      entity: { kind: "cpu", name: "cpu" },
      stage: holder?.stage.name ?? null,
      stageId: holder?.stage.id ?? null,
      threadId: loop.thread.id,
      resourceId: null,
      utilisation: loop.occupied,
      occupied: loop.occupied,
    },
  ];
}

function onNativeThreads(picture: Picture): Candidate[] {
  const { nativeCpuSeconds, nativeContention, utilisation } = picture.cpu;
  const isShort = nativeContention === null || nativeContention > CONTENTION;
  if (!isShort || (utilisation ?? 0) < (nativeContention === null ? ALL_CORES : CORES_BUSY)) return [];
  return picture.stages.flatMap((demand) => {
    const away = demand.usefulSeconds - demand.loopHeldSeconds;
    if (away < 0.5 * demand.usefulSeconds || away <= 0 || nativeCpuSeconds < NATIVE * away) return [];
    return [
      {
        entity: { kind: "cpu", name: "cpu" } as const,
        stage: demand.stage.name,
        stageId: demand.stage.id,
        threadId: null,
        resourceId: null,
        utilisation: demand.utilisation,
        occupied: demand.occupied,
      },
    ];
  });
}

/** Threads of a pool that get too little of the cores: then the pool has more of them than the cores can serve. */
function onPools(picture: Picture): Candidate[] {
  return picture.resources.flatMap(({ cpuWaitSeconds, occupied, stage }) => {
    if (cpuWaitSeconds <= 0 || occupied === null) return [];
    const { utilisation } = picture.cpu;
    return [
      {
        entity: { kind: "cpu", name: "cpu" } as const,
        stage: stage.name,
        stageId: stage.id,
        threadId: null,
        resourceId: null,
        utilisation: occupied,
        // What a change leaves of it is counted from the cores, which all threads share.
        occupied: utilisation !== null && utilisation >= CORES_BUSY ? utilisation : occupied,
      },
    ];
  });
}

/** The pool whose threads are short of cores, of a candidate that is that shortage. */
export function poolOf(candidate: Candidate, picture: Picture): ResourceDemand | undefined {
  return picture.resources.find(
    ({ stage, cpuWaitSeconds }) => candidate.threadId === null && stage.id === candidate.stageId && cpuWaitSeconds > 0,
  );
}
