// Tasks for a pool of worker threads, in turns (turn.ts): node tasks-in-turns.ts TURNS TASKS_OF_TURN
import { join } from "node:path";
import { loadPeer } from "../peers.ts";
import { Turn } from "../turn.ts";

/** So many that the worker need not wait until the main thread has heard of what is done. */
const IN_FLIGHT = 8;
/** The main thread has the other of two cores. */
const THREADS = 1;

interface Piscina {
  run(task: unknown): Promise<number>;
  destroy(): Promise<void>;
}

const [turns, tasksOfTurn] = process.argv.slice(2).map(Number) as [number, number];
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

/** @returns how many were done, by what the workers say */
async function tasks(count: number): Promise<number> {
  let left = count;
  let done = 0;
  const oneAfterTheOther = async () => {
    while (left > 0) {
      left -= 1;
      const one = await pool.run(null);
      done += one;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, oneAfterTheOther));
  return done;
}
