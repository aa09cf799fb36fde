import { createRequire } from "node:module";
import type { PiscinaClass } from "@pinchpoint/pools/piscina";
import type { Recorder } from "@pinchpoint/probe";
import { mainFileOf, onModuleLoad } from "./module-loads.ts";

const load = createRequire(import.meta.url);

/** Pools of this thread, when the application loads their library. */
export function instrumentPools(recorder: Recorder, pipeline: string): void {
  onModuleLoad(
    mainFileOf("piscina"),
    (exports) => {
      if (!isPiscina(exports)) return;
      // Few applications have a pool: the others do not pay for loading this.
      const { instrumentPiscina } = load("@pinchpoint/pools/piscina") as typeof import("@pinchpoint/pools/piscina");
      instrumentPiscina(recorder, exports, { pipeline });
    },
    () => recorder.lose("not-patched"),
  );
}

/** Other modules may answer to the same path. */
function isPiscina(exports: unknown): exports is PiscinaClass {
  return typeof exports === "function" && exports.name === "Piscina" && Reflect.get(exports, "Piscina") === exports;
}
