import { type Candidate, NO_CHANGE, type Rule } from "../candidate.ts";
import type { Picture } from "../demand.ts";
import type { LoopDemand } from "../loop.ts";
import type { Finding } from "../verdict.ts";
import { amount, percent } from "../words.ts";
import { loopOf } from "./event-loop.ts";

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
    return [...picture.loops.flatMap((loop) => onLoop(loop, picture)), ...onNativeThreads(picture)]
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
    const queue = loop === undefined ? nativeContention : contention;
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
    const more = { ...NO_CHANGE, change: `cores ${amount(cores)} -> ${amount(cores + 1)}`, addedCores: 1 };
    if (stage === null) return [more];
    return [
      more,
      { ...NO_CHANGE, change: `halve ${stage}'s time`, stageId, work: 0.5 },
      { ...NO_CHANGE, change: `more ${stage} workers on these cores`, stageId, addedWorkers: 1 },
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
        utilisation: demand.utilisation,
        occupied: demand.occupied,
      },
    ];
  });
}
