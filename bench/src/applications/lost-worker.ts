// Records units without a pause, until it is terminated, and keeps a tally of its own: what it began, and what it ended.
import { workerData } from "node:worker_threads";
import { pipeline } from "pinchpoint";

const { stage, tally } = workerData as { readonly stage: string; readonly tally: Int32Array };
const work = pipeline("bench").stage(stage);

for (;;) {
  Atomics.add(tally, 0, 1);
  work.run(nothing);
  Atomics.add(tally, 1, 1);
}

function nothing(): void {}
