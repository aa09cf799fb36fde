import { expect } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording } from "../src/recording.ts";
import type { Verdict } from "../src/verdict.ts";
import { type SimulatedStage, steady } from "./simulation.ts";

export interface Expected {
  readonly kind: Verdict["kind"];
  readonly entity?: Verdict["entity"];
  readonly stage?: string | null;
}

export function check(recording: Recording, expected: Expected): Verdict {
  const [verdict] = judge(recording) as [Verdict];
  const found = { kind: verdict.kind, entity: verdict.entity, stage: verdict.stage };
  expect(found).toEqual({ entity: null, stage: null, ...expected });
  return verdict;
}

export const ms = 0.001;
export type Mode = "async" | "sync";

/** read -> score -> store, with milliseconds and the way of each. */
export function chain(times: readonly [number, number, number], modes: readonly [Mode, Mode, Mode]): SimulatedStage[] {
  return ["read", "score", "store"].map((name, index) => ({
    name,
    seconds: steady((times[index] ?? 0) * ms),
    isSync: modes[index] === "sync",
    ...(index < 2 ? { to: [["score", "store"][index] ?? ""] } : {}),
  }));
}

export const source = (name: string): Expected => ({
  kind: "source-limited",
  entity: { kind: "source", name },
  stage: name,
});
export const workers = (name: string): Expected => ({
  kind: "bottleneck",
  entity: { kind: "workers", name },
  stage: name,
});
export const sink = (name: string): Expected => ({ kind: "bottleneck", entity: { kind: "sink", name }, stage: name });
export const loop = (stage: string | null): Expected => ({
  kind: "bottleneck",
  entity: { kind: "event-loop", name: "main" },
  stage,
});
export const cpu = (stage: string | null): Expected => ({
  kind: "bottleneck",
  entity: { kind: "cpu", name: "cpu" },
  stage,
});

export const a = "async";
export const s = "sync";
