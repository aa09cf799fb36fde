// The flight example, one turn after the other: it works only after a line on stdin has told it to, and tells on stdout
// what each turn took. Between turns its main thread stands still.
import { readSync, writeSync } from "node:fs";
import { Progress } from "../../examples/flight-features/src/progress.ts";
import type { TurnTaken } from "./lane.ts";

/**
 * Batches of a turn: most of a second. Long enough that what a recorder does once a second is not done much oftener here,
 * where the clock goes on between turns; short enough that whatever else the machine does meets both runs of a pair.
 */
const TURN_BATCHES = 130;

let batches = 0;
let startedMs = 0;
let startedLoopMs = 0;

const acknowledge = Progress.prototype.acknowledge;
Progress.prototype.acknowledge = function (batch) {
  acknowledge.call(this, batch);
  batches += 1;
  if (batches % TURN_BATCHES > 0) return;
  tell(false);
  awaitTurn();
};
process.on("exit", () => tell(true));
awaitTurn();
await import("../../examples/flight-features/src/main.ts");

function awaitTurn(): void {
  readSync(0, Buffer.alloc(1));
  startedMs = performance.now();
  startedLoopMs = loopMs();
}

function tell(isLast: boolean): void {
  const turn: TurnTaken = { wallMs: performance.now() - startedMs, loopMs: loopMs() - startedLoopMs, isLast };
  writeSync(1, `${JSON.stringify(turn)}\n`);
}

/** CPU time of the main thread, in milliseconds. */
function loopMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
