import { fileURLToPath } from "node:url";

const FRAMES = 12;
/** Where all packages of Pinchpoint are, in both forms in which a stack tells a module's file. */
const OWN_PACKAGES = [new URL("../..", import.meta.url).href, fileURLToPath(new URL("../..", import.meta.url))];
const OWN_CODE = /^[^\\/]+[\\/](?:lib|src)[\\/]/;
const DEPENDENCY = /[\\/]node_modules[\\/]/;

/** The innermost line of the application that is on the stack, such as `metrics.js:12`; else one of a dependency. */
export function placeOfCaller(): string | null {
  const { getCallSites } = process.getBuiltinModule("node:util");
  const frames = getCallSites(FRAMES).filter(({ scriptName }) => isForeign(scriptName));
  const frame = frames.find(({ scriptName }) => !DEPENDENCY.test(scriptName)) ?? frames[0];
  if (frame === undefined) return null;
  const file = (frame.scriptName.split("?")[0] as string).split(/[\\/]/).at(-1);
  return `${file}:${frame.lineNumber}`;
}

function isForeign(script: string): boolean {
  if (script === "" || script.startsWith("node:")) return false;
  return !OWN_PACKAGES.some((at) => script.startsWith(at) && OWN_CODE.test(script.slice(at.length)));
}
