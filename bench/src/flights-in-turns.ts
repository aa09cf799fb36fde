// The flight example, one turn after the other: it works only after a line on stdin has told it to, and tells on stdout
// what each turn took. Between turns its main thread stands still.
import { Progress } from "../../examples/flight-features/src/progress.ts";
import { Turn } from "./turn.ts";

/**
 * Just short of a second, on a machine of any speed: a recorder that does something once a second, by a clock that goes
 * on between turns, does it once a turn, and so not much oftener than in a run without turns. Short enough that
 * whatever else the machine does meets both runs of a pair.
 */
const TURN_MS = 900;

const acknowledge = Progress.prototype.acknowledge;
Progress.prototype.acknowledge = function (batch) {
  acknowledge.call(this, batch);
  if (turn.wallMs < TURN_MS) return;
  turn.end(false);
  turn = Turn.awaited();
};
process.on("exit", () => turn.end(true));
let turn = Turn.awaited();
await import("../../examples/flight-features/src/main.ts");
