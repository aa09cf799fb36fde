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
  const poolContention = contentionOfPools(signals);
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
    const useSeconds = parts.reduce((sum, part) => sum + part.useSeconds, 0);
    const waitSeconds = parts.reduce((sum, part) => (own.has(part.stage) ? sum + part.waitSeconds : sum), 0);
    const isShort = resource.kind === "pool" && poolContention > CONTENTION;
    const cpuWaitSeconds = isShort ? useSeconds * poolContention : 0;
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

/** Run-queue wait as a share of run-queue wait + CPU of the worker threads that carry no stage; 0 where unknown. */
function contentionOfPools(signals: WindowSignals): number {
  const carrying = new Set(signals.stages.filter(({ units }) => units > 0).map(({ thread }) => thread));
  let cpuSeconds = 0;
  let queueSeconds = 0;
  for (const { thread, cpuSeconds: cpu, runQueueSeconds: queue } of signals.threads) {
    if (carrying.has(thread) || cpu === null || queue === null) continue;
    cpuSeconds += cpu;
    queueSeconds += queue;
  }
  return cpuSeconds + queueSeconds > 0 ? queueSeconds / (cpuSeconds + queueSeconds) : 0;
}
