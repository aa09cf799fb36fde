import { createRequire } from "node:module";
import type { PiscinaClass } from "@pinchpoint/pools/piscina";
import type { Recorder } from "@pinchpoint/probe";
import type { AnyRecorder } from "@pinchpoint/probe/attach";
import { mainFileOf, onModuleLoad } from "./module-loads.ts";

const load = createRequire(import.meta.filename);

/**
 * Pools of this thread, when the application loads their library.
 *
 * @param losses - the recorder, or what will be one
 * @param recorder - asked for then; null where there can be none
 */
export function instrumentPools(losses: AnyRecorder, recorder: () => Recorder | null, pipeline: string): void {
  onModuleLoad(
    mainFileOf("piscina"),
    (exports) => {
      const made = isPiscina(exports) ? recorder() : null;
      if (!isPiscina(exports) || made === null) return;
      // Few applications have a pool: the others do not pay for loading this.
      const { instrumentPiscina } = load("@pinchpoint/pools/piscina") as typeof import("@pinchpoint/pools/piscina");
      instrumentPiscina(made, exports, { pipeline });
    },
    () => losses.lose("not-patched"),
  );
}

/** Other modules may answer to the same path. */
function isPiscina(exports: unknown): exports is PiscinaClass {
  return typeof exports === "function" && exports.name === "Piscina" && Reflect.get(exports, "Piscina") === exports;
}
