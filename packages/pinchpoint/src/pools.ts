import type { recordRuns } from "@pinchpoint/pools/piscina";
import { type PiscinaClass, watchRuns } from "@pinchpoint/pools/piscina-runs";
import type { Recorder } from "@pinchpoint/probe";
import type { AnyRecorder } from "@pinchpoint/probe/attach";
import { mainFileOf, onModuleLoad } from "./module-loads.ts";

/**
 * Pools of this thread, when the application loads their library.
 *
 * @param losses - the recorder, or what will be one
 * @param recorder - asked for with the first task; null where there can be none
 * @param recording - loads what records its tasks
 */
export function instrumentPools(
  losses: AnyRecorder,
  recorder: () => Recorder | null,
  recording: () => typeof recordRuns,
  pipeline: string,
): void {
  onModuleLoad(
    mainFileOf("piscina"),
    (exports) => {
      if (!isPiscina(exports)) return;
      watchRuns(losses, exports, () => {
        const made = recorder();
        return made === null ? null : recording()(made, exports, { pipeline });
      });
    },
    () => losses.lose("not-patched"),
  );
}

/** Other modules may answer to the same path. */
function isPiscina(exports: unknown): exports is PiscinaClass {
  return typeof exports === "function" && exports.name === "Piscina" && Reflect.get(exports, "Piscina") === exports;
}
