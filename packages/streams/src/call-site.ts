import { fileURLToPath } from "node:url";

// Not imported: an import reads all exports, and what they load.
const { getCallSites } = process.getBuiltinModule("node:util");
const { findSourceMap } = process.getBuiltinModule("node:module");

/** Where the application called: enough to tell two calls apart, and short enough for a name. */
export interface CallSite {
  /** File, line and column: the same for each run of the same code, different for different calls. */
  readonly key: string;
  /** The file's last part and the line, for people: `etl.js:12`. */
  readonly label: string;
}

/** Node's own frames between `pipe` and the application take some six; the rest is for the application's dependencies. */
const FRAME_COUNT = 32;
/** Nobody writes lines this long: beyond it code was generated, and its line number alone tells nothing apart. */
const LONG_LINE_COLUMN = 200;
/** Files that are called after their folder. */
const NAMELESS_FILE = /^index\.\w+$/;

/** Where all packages of Pinchpoint are, in both forms in which a stack tells a module's file. */
const OWN_PACKAGES = [new URL("../..", import.meta.url).href, fileURLToPath(new URL("../..", import.meta.url))];
/** What is in a package of ours, and runs. */
const OWN_CODE = /^[^\\/]+[\\/](?:lib|src)[\\/]/;

/**
 * The innermost frame of the application that is on the stack; a frame of one of its dependencies where there is none
 * of its own. Costs some 6 µs, so it is for set-up, not for items.
 *
 * @returns null where Node calls for itself, as it does to join a worker's stdout to the process's
 */
export function callSite(): CallSite | null {
  const all = getCallSites(FRAME_COUNT);
  const first = all.findIndex(({ scriptName }) => isForeign(scriptName));
  if (first < 0 || all.slice(0, first).some(({ scriptName }) => isOfNodeItself(scriptName))) return null;
  const frames = all.slice(first).filter(({ scriptName }) => isForeign(scriptName));
  const frame = frames.find(({ scriptName }) => !/[\\/]node_modules[\\/]/.test(scriptName)) ?? frames[0];
  return frame === undefined ? null : writtenAt(frame.scriptName, frame.lineNumber, frame.columnNumber);
}

/** Where the code was written that runs at a place, as far as Node keeps source maps (`--enable-source-maps`, tsx). */
function writtenAt(script: string, line: number, column: number): CallSite {
  const origin = findSourceMap(script)?.findOrigin(line, column);
  return origin !== undefined && "fileName" in origin
    ? siteOf(origin.fileName, origin.lineNumber, origin.columnNumber)
    : siteOf(script, line, column);
}

/** @param script - path or URL of a module; a query, by which a module is loaded anew, is not part of its place */
export function siteOf(script: string, line: number, column: number): CallSite {
  const path = script.split("?")[0] as string;
  const parts = path.split(/[\\/]/).filter((part) => part !== "");
  const isNameless = NAMELESS_FILE.test(parts.at(-1) ?? "");
  const file = parts.slice(isNameless ? -2 : -1).join("/") || "eval";
  const place = column > LONG_LINE_COLUMN ? `${line}:${column}` : `${line}`;
  return { key: `${path}:${line}:${column}`, label: `${file}:${place}` };
}

/** Node's streams join what an application gives them; any other part of Node joins what is its own. */
function isOfNodeItself(scriptName: string): boolean {
  return scriptName.startsWith("node:") && !/^node:(stream|internal\/streams\/)/.test(scriptName);
}

function isForeign(scriptName: string): boolean {
  const isOfNode = scriptName.startsWith("node:") || scriptName === "";
  return (
    !isOfNode && !OWN_PACKAGES.some((at) => scriptName.startsWith(at) && OWN_CODE.test(scriptName.slice(at.length)))
  );
}
