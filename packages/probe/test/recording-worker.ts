import { workerData } from "node:worker_threads";
import type { SlabShare } from "../src/claimed-slot.ts";
import { systemClock } from "../src/clock.ts";
import { Recorder } from "../src/recorder.ts";
import type { StageRecorder } from "../src/stage.ts";
import { SELF, STARVED } from "../src/state-clock.ts";

/** What a recording thread is given. */
export interface WorkerRecording {
  readonly share: SlabShare;
  readonly workerId: number;
  /** How many hand-overs it has finished. */
  readonly acknowledged: Int32Array;
  /** It ends by itself after so many. */
  readonly handOvers: number;
}

const { share, workerId, acknowledged, handOvers } = workerData as WorkerRecording;
const identity = { name: `decoder ${workerId}`, osThreadId: null, workerId };
const recorder = Recorder.forWorker(share, systemClock(), identity);
if (recorder === null) throw new Error("no slab left");
const stageNamed = (name: string) => recorder.openStage({ pipeline: "p", name, role: "stage" }) as StageRecorder;
const read = stageNamed("read");
const decode = stageNamed("decode");
recorder.connect(read, decode);
decode.enter(STARVED, decode.nowMs());
for (let handOver = 1; handOver <= handOvers; handOver++) {
  const startMs = decode.nowMs();
  decode.arrived(2);
  decode.move(STARVED, SELF, startMs);
  const outside = decode.hold(startMs);
  const endMs = decode.nowMs();
  decode.release(outside, endMs);
  decode.finished(2, endMs - startMs);
  decode.move(SELF, STARVED, endMs);
  Atomics.store(acknowledged, 0, handOver);
}
