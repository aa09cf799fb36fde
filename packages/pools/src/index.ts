export { type BlindThread, BlindThreads } from "./blind-threads.ts";
export { instrumentPiscina, type PiscinaClass, type PiscinaOptions } from "./piscina.ts";
export { instrumentWorkerThreads } from "./worker-threads.ts";
