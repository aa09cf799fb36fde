// What a pool's worker does for each task: it computes for 50 µs.
import { spin, spinsOf } from "../spin.ts";

const spins = spinsOf(50);

/** @returns how many tasks that was */
export default function task(): number {
  spin(spins);
  return 1;
}
