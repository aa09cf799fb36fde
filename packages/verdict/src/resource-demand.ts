import type { Component } from "./graph.ts";
import type { RecordedResource, RecordedStage, Recording, ResourceKind } from "./recording.ts";
import type { WindowSignals } from "./signal.ts";

/** Pool threads that get a core for less than 70 % of their need are short of cores, as a loop's thread is. */
const CONTENTION = 0.3;

/** What the stages of a component ask of one resource. */
export interface ResourceDemand {
  readonly resource: RecordedResource;
  /** The stage that waits for it and uses it most. */
  readonly stage: RecordedStage;
  /** True if no other stage of any pipeline uses it. */
  readonly isSole: boolean;
  /** Calls, or holds, that have come to their end. */
  readonly uses: number;
  readonly errors: number;
  readonly useSeconds: number;
  readonly waitSeconds: number;
  /** Part of the use in which a pool's threads were runnable but had no core; 0 where that is too little to matter. */
  readonly cpuWaitSeconds: number;
  /** Share of the capacity in use, without the wait for a core; null where the capacity is unknown. */
  readonly utilisation: number | null;
  /** The same with it. */
  readonly occupied: number | null;
}

/** What is called does the work in another place; a stage's worker only waits for it. A lock is held by the worker. */
export function isCalled(kind: ResourceKind): boolean {
  return kind === "service" || kind === "pool";
}

export function resourceDemands(
  recording: Recording,
  component: Component,
  signals: WindowSignals,
): readonly ResourceDemand[] {
  const pools = poolThreads(recording, signals);
  const resources = [...recording.header.resources].sort((a, b) => (a.name < b.name ? -1 : 1));
  return resources.flatMap((resource) => {
    const parts = signals.resources.filter((part) => part.resource === resource.id);
    const seconds = new Map<number, number>();
    for (const part of parts)
      seconds.set(part.stage, (seconds.get(part.stage) ?? 0) + part.waitSeconds + part.useSeconds);
    const [stage] = component.stages
      .filter(({ id }) => (seconds.get(id) ?? 0) > 0)
      .sort((a, b) => (seconds.get(b.id) ?? 0) - (seconds.get(a.id) ?? 0));
    if (stage === undefined) return [];
    const own = new Set(component.stages.map(({ id }) => id));
    // Other pipelines may hold it too: its utilisation counts all of them.
    const seen = parts.reduce((sum, part) => sum + part.useSeconds, 0);
    const useSeconds = resource.kind === "pool" ? seen * pools.atWork : seen;
    const waitSeconds = parts.reduce((sum, part) => (own.has(part.stage) ? sum + part.waitSeconds : sum), 0);
    const isShort = resource.kind === "pool" && pools.contention > CONTENTION;
    const cpuWaitSeconds = isShort ? useSeconds * pools.contention : 0;
    const shareOf = (used: number) =>
      resource.capacity === null ? null : Math.min(1, used / (resource.capacity * signals.seconds));
    return [
      {
        resource,
        stage,
        isSole: [...seconds.values()].filter((one) => one > 0).length === 1,
        uses: parts.reduce((sum, part) => sum + part.uses, 0),
        errors: parts.reduce((sum, part) => sum + part.errors, 0),
        useSeconds,
        waitSeconds,
        cpuWaitSeconds,
        utilisation: shareOf(useSeconds - cpuWaitSeconds),
        occupied: shareOf(useSeconds),
      },
    ];
  });
}

/** Share of what a stage spends with resources that goes to those which it calls, 0 to 1. */
export function calledShareOf(stage: number, recording: Recording, signals: WindowSignals): number {
  const called = new Set(recording.header.resources.filter(({ kind }) => isCalled(kind)).map(({ id }) => id));
  let all = 0;
  let away = 0;
  for (const part of signals.resources) {
    if (part.stage !== stage) continue;
    const seconds = part.waitSeconds + part.useSeconds;
    all += seconds;
    if (called.has(part.resource)) away += seconds;
  }
  return all > 0 ? away / all : 0;
}

interface PoolThreads {
  /** Run-queue wait as a share of run-queue wait + CPU; 0 where unknown. */
  readonly contention: number;
  /** Share of the time that tasks were with pools in which the pools' threads worked on them, 0 to 1. */
  readonly atWork: number;
}

/**
 * What the worker threads that carry no stage did. The thread that hands tasks out sees their end only when its own event
 * loop is free, so that a task seems to take longer than it does. A thread that computes uses CPU or waits for a core, and
 * one that awaits something is idle in its loop; one that waits for a task blocks, and does neither.
 */
function poolThreads({ header }: Recording, signals: WindowSignals): PoolThreads {
  const carrying = new Set(signals.stages.filter(({ units }) => units > 0).map(({ thread }) => thread));
  let cpuSeconds = 0;
  let queueSeconds = 0;
  let idleSeconds = 0;
  for (const row of signals.threads) {
    if (carrying.has(row.thread) || row.cpuSeconds === null || row.runQueueSeconds === null) continue;
    cpuSeconds += row.cpuSeconds;
    queueSeconds += row.runQueueSeconds;
    idleSeconds += row.loopIdleSeconds ?? signals.seconds;
  }
  const runnable = cpuSeconds + queueSeconds;
  const pools = new Set(header.resources.filter(({ kind }) => kind === "pool").map(({ id }) => id));
  const useSeconds = signals.resources.reduce(
    (sum, part) => (pools.has(part.resource) ? sum + part.useSeconds : sum),
    0,
  );
  return {
    contention: runnable > 0 ? queueSeconds / runnable : 0,
    atWork: runnable > 0 && useSeconds > 0 ? Math.min(1, (runnable + idleSeconds) / useSeconds) : 1,
  };
}
