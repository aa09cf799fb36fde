import { basename, sep } from "node:path";

/**
 * What a worker's file is called in a recording: its base name, as `score-worker.ts`; for a file of an installed
 * package, which may be one of many `worker.js`, its path from the package on, as `piscina/dist/worker.js`.
 */
export function fileLabel(file: string): string {
  const path = file.startsWith("file:") ? pathOf(file) : file;
  const installed = path.split(`node_modules${sep}`);
  return installed.length > 1 ? (installed.at(-1) as string).replaceAll(sep, "/") : basename(path);
}

/** Not imported: most threads never ask. */
function pathOf(url: string): string {
  return process.getBuiltinModule("node:url").fileURLToPath(url);
}
