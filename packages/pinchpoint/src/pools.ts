import { createRequire } from "node:module";
import { type PiscinaClass, watchRuns } from "@pinchpoint/pools/piscina-runs";
import type { Recorder } from "@pinchpoint/probe";
import type { AnyRecorder } from "@pinchpoint/probe/attach";
import { mainFileOf, onModuleLoad } from "./module-loads.ts";

const load = createRequire(import.meta.filename);

/**
 * Pools of this thread, when the application loads their library.
 *
 * @param losses - the recorder, or what will be one
 * @param recorder - asked for with the first task; null where there can be none
 */
export function instrumentPools(losses: AnyRecorder, recorder: () => Recorder | null, pipeline: string): void {
  onModuleLoad(
    mainFileOf("piscina"),
    (exports) => {
      if (!isPiscina(exports)) return;
      watchRuns(losses, exports, () => {
        const made = recorder();
        if (made === null) return null;
        const { recordRuns } = load("@pinchpoint/pools/piscina") as typeof import("@pinchpoint/pools/piscina");
        return recordRuns(made, exports, { pipeline });
      });
    },
    () => losses.lose("not-patched"),
  );
}

/** Other modules may answer to the same path. */
function isPiscina(exports: unknown): exports is PiscinaClass {
  return typeof exports === "function" && exports.name === "Piscina" && Reflect.get(exports, "Piscina") === exports;
}
