export { type BlindThread, BlindThreads } from "./blind-threads.ts";
export { instrumentPiscina, type PiscinaOptions } from "./piscina.ts";
export type { PiscinaClass } from "./piscina-runs.ts";
export { instrumentWorkerThreads } from "./worker-threads.ts";
