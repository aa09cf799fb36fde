// Tasks for a pool of worker threads, in turns (turn.ts): node tasks-in-turns.ts TURNS TASKS_OF_TURN [SPANS_FILE]
// With a file each task is asked for within a span, and the file tells in the end how many spans there were.
import { join } from "node:path";
import { loadPeer } from "../peers.ts";
import { Turn } from "../turn.ts";
import { Tracing } from "./tracing.ts";

/** So many that the worker need not wait until the main thread has heard of what is done. */
const IN_FLIGHT = 8;
/** The main thread has the other of two cores. */
const THREADS = 1;

interface Piscina {
  run(task: unknown): Promise<number>;
  destroy(): Promise<void>;
}

const [turns, tasksOfTurn] = process.argv.slice(2).map(Number) as [number, number];
const spansFile = process.argv[4];
const tracing = spansFile === undefined ? null : await Tracing.started();
const { Piscina } = await loadPeer<{ readonly Piscina: new (options: object) => Piscina }>("piscina");
const filename = join(import.meta.dirname, "spinning-task.ts");
const pool = new Piscina({ filename, minThreads: THREADS, maxThreads: THREADS });

for (let nth = 1; nth <= turns; nth++) {
  const turn = Turn.awaited();
  const done = await tasks(tasksOfTurn);
  if (done !== tasksOfTurn) throw new Error(`${done} of ${tasksOfTurn} tasks came back`);
  turn.end(nth === turns);
}
await pool.destroy();
if (spansFile !== undefined) tracing?.tell(spansFile);

/** @returns how many were done, by what the workers say */
async function tasks(count: number): Promise<number> {
  let left = count;
  let done = 0;
  const run = () => pool.run(null);
  const oneAfterTheOther = async () => {
    while (left > 0) {
      left -= 1;
      const one = await (tracing === null ? run() : tracing.within(run));
      done += one;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, oneAfterTheOther));
  return done;
}
