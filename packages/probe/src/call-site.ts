import type { SourceMap } from "node:module";
import { dirname, sep } from "node:path";
import type { CallSiteObject } from "node:util";

// Not imported: an import reads all exports, and what they load.
const { getCallSites } = process.getBuiltinModule("node:util");

/** Where the application called: enough to tell two calls apart, and short enough for a name. */
export interface CallSite {
  /** File, line and column: the same for each run of the same code, different for different calls. */
  readonly key: string;
  /** The file's last part and the line, for people: `etl.js:12`. */
  readonly label: string;
}

/** Most applications call by themselves, or some frames further out; each frame more costs most of a microsecond. */
const FEW_FRAMES = 12;
/** Node's own frames between a call and the application, as of `pipe`, take some six; the rest is for the application's dependencies. */
const FRAME_COUNT = 32;
/** Nobody writes lines this long: beyond it code was generated, and its line number alone tells nothing apart. */
const LONG_LINE_COLUMN = 200;
/** Files that are called after their folder. */
const NAMELESS_FILE = /^index\.\w+$/;

/** Of a package of ours, where it is installed. */
const OWN_INSTALLED = /[\\/]node_modules[\\/](?:@pinchpoint[\\/][^\\/]+|pinchpoint)[\\/](?:lib|src)[\\/]/;
const PACKAGES = dirname(dirname(import.meta.dirname));
/** Where all packages of Pinchpoint are that are not installed, in both forms in which a stack tells a module's file. */
const OWN_PACKAGES = [PACKAGES + sep, folderUrl(PACKAGES)].filter((at) => !/[\\/]node_modules[\\/]/.test(at));
/** What is in a package of ours, and runs. */
const OWN_CODE = /^[^\\/]+[\\/](?:lib|src)[\\/]/;

/** Whose code a script is; nobody's is our own. */
type Owner = "application" | "dependency" | "nobody" | "Node";

/** More than an application has that makes no code while it runs. */
const MOST_KNOWN = 1024;
const owners = new Map<string, Owner>();
const sites = new Map<string, Map<number, CallSite>>();
/** More than any line is long. */
const COLUMNS = 2 ** 24;

/**
 * The innermost frame of the application that is on the stack; a frame of one of its dependencies where there is none
 * of its own. Costs some microseconds, so it is for set-up, not for items.
 *
 * @param actsForOthers - true for a script of Node's that calls what an application gave it; default: for all of them
 * @returns null where any other part of Node calls, for itself
 */
export function callSite(actsForOthers: (script: string) => boolean = () => true): CallSite | null {
  const few = getCallSites(FEW_FRAMES);
  const near = innermost(few, actsForOthers);
  const isEnough = near === null || few.length < FEW_FRAMES || ownerOf(near?.scriptName ?? "") === "application";
  const frame = isEnough ? near : innermost(getCallSites(FRAME_COUNT), actsForOthers);
  return frame == null ? null : knownSite(frame.scriptName, frame.lineNumber, frame.columnNumber);
}

/** Where the code was written that runs at a place, as far as Node keeps source maps (`--enable-source-maps`, tsx). */
function writtenAt(script: string, line: number, column: number): CallSite {
  const origin = sourceMapOf(script)?.findOrigin(line, column);
  return origin !== undefined && "fileName" in origin
    ? siteOf(origin.fileName, origin.lineNumber, origin.columnNumber)
    : siteOf(script, line, column);
}

/** Where Node keeps none, nothing is loaded to look for one. */
function sourceMapOf(script: string): SourceMap | undefined {
  return process.sourceMapsEnabled ? process.getBuiltinModule("node:module").findSourceMap(script) : undefined;
}

/** As `pathToFileURL`, without what its module loads. */
function folderUrl(path: string): string {
  const url = new URL("file:///");
  url.pathname = `${path.replaceAll("%", "%25").replaceAll(sep, "/")}/`;
  return url.href;
}

/** The frame that a call is named after; undefined where there is none yet, null where Node calls for itself. */
function innermost(
  frames: readonly CallSiteObject[],
  actsForOthers: (script: string) => boolean,
): CallSiteObject | null | undefined {
  let dependency: CallSiteObject | undefined;
  for (const frame of frames) {
    const script = frame.scriptName;
    const owner = ownerOf(script);
    if (owner === "application") return frame;
    if (owner === "dependency") dependency ??= frame;
    else if (owner === "Node" && dependency === undefined && !actsForOthers(script)) return null;
  }
  return dependency;
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

function knownSite(script: string, line: number, column: number): CallSite {
  const ofScript = remembered(sites, script, () => new Map<number, CallSite>());
  return remembered(ofScript, line * COLUMNS + column, () => writtenAt(script, line, column));
}

function ownerOf(script: string): Owner {
  return remembered(owners, script, ownerByPath);
}

function ownerByPath(script: string): Owner {
  if (script === "") return "nobody";
  if (script.startsWith("node:")) return "Node";
  if (OWN_INSTALLED.test(script)) return "nobody";
  if (OWN_PACKAGES.some((at) => script.startsWith(at) && OWN_CODE.test(script.slice(at.length)))) return "nobody";
  return /[\\/]node_modules[\\/]/.test(script) ? "dependency" : "application";
}

/** What is known under a key, or is found out now; an application that makes new keys for ever must not fill the memory. */
function remembered<Key, Value>(known: Map<Key, Value>, key: Key, find: (key: Key) => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = find(key);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, found);
  return found;
}
