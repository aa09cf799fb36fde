import { createRequire } from "node:module";
import { instrumentHttp } from "@pinchpoint/platform/http";
import type { PiscinaClass } from "@pinchpoint/pools/piscina";
import { instrumentWorkerThreads } from "@pinchpoint/pools/worker-threads";
import type { Recorder } from "@pinchpoint/probe";
import { mainFileOf, onModuleLoad } from "./module-loads.ts";

const load = createRequire(import.meta.url);

/** What the stages of this thread call: services by HTTP, worker threads, and pools when the application loads them. */
export function instrumentCalls(recorder: Recorder, pipeline: string): void {
  instrumentHttp(recorder);
  instrumentWorkerThreads(recorder);
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
