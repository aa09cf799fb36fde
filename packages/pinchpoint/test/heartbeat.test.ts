import { expect, test } from "vitest";
import { Heartbeat } from "../src/heartbeat.ts";

/** A heartbeat whose timers never fire: only moments drive it. */
function saturated(make?: () => never) {
  const log: string[] = [];
  const failures: unknown[] = [];
  const clock = { nowMs: 0 };
  const beating = {
    beat: (isLast: boolean) => void log.push(`${isLast ? "last " : ""}beat ${clock.nowMs}`),
    turn: () => void log.push("turn"),
  };
  const heartbeat = new Heartbeat({
    nowMs: () => clock.nowMs,
    inOwnContext: () => {},
    begin: () => void log.push(`begin ${clock.nowMs}`),
    make:
      make ??
      (() => {
        log.push(`make ${clock.nowMs}`);
        return beating;
      }),
    onFailed: (error) => void failures.push(error),
  });
  const moment = (atMs: number) => {
    clock.nowMs = atMs;
    heartbeat.moment(atMs);
  };
  return { log, failures, heartbeat, moment, clock };
}

test("a thread that never waits is driven by its own moments, once a second", () => {
  const { log, moment } = saturated();
  for (let atMs = 100; atMs <= 3200; atMs += 10) moment(atMs);
  expect(log).toEqual(["begin 100", "make 150", "beat 1150", "beat 2150", "beat 3150"]);
});

test("it beats a last time at the end, and never after", () => {
  const { log, heartbeat, moment, clock } = saturated();
  moment(0);
  clock.nowMs = 20;
  heartbeat.end();
  moment(5000);
  heartbeat.end();
  expect(log).toEqual(["begin 0", "make 20", "last beat 20"]);
});

test("a process that recorded nothing loads nothing, not even at its end", () => {
  const { log, heartbeat } = saturated();
  heartbeat.end();
  expect(log).toEqual([]);
});

test("a failure is told once, and is the end of it", () => {
  const failure = new Error("no such module");
  const { failures, heartbeat, moment } = saturated(() => {
    throw failure;
  });
  for (let atMs = 0; atMs < 5000; atMs += 10) moment(atMs);
  heartbeat.end();
  expect(failures).toEqual([failure]);
});

test("where the event loop is free, a turn follows the first moment at once", async () => {
  const log: string[] = [];
  const heartbeat = new Heartbeat({
    nowMs: () => 0,
    inOwnContext: (begin) => begin(),
    begin: () => {},
    make: () => ({ beat: () => log.push("beat"), turn: () => log.push("turn") }),
    onFailed: () => {},
  });
  heartbeat.wake();
  heartbeat.wake();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(log).toEqual(["turn"]);
});
