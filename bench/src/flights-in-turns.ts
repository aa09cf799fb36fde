// The flight example, one turn after the other: it works only after a line on stdin has told it to, and tells on stdout
// what each turn took. Between turns its main thread stands still.
import { Progress } from "../../examples/flight-features/src/progress.ts";
import { Turn } from "./turn.ts";

/**
 * Batches of a turn: most of a second. Long enough that what a recorder does once a second is not done much oftener here,
 * where the clock goes on between turns; short enough that whatever else the machine does meets both runs of a pair.
 */
const TURN_BATCHES = 130;

let batches = 0;

const acknowledge = Progress.prototype.acknowledge;
Progress.prototype.acknowledge = function (batch) {
  acknowledge.call(this, batch);
  batches += 1;
  if (batches % TURN_BATCHES > 0) return;
  turn.end(false);
  turn = Turn.awaited();
};
process.on("exit", () => turn.end(true));
let turn = Turn.awaited();
await import("../../examples/flight-features/src/main.ts");
