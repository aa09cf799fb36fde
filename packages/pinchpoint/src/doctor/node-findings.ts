import { type Finding, note, ok, problem } from "./finding.ts";

export interface NodeFacts {
  /** Of the Node that runs the doctor, such as `v24.1.0`. */
  readonly own: string;
  /** What `node --version` says on the PATH; null where there is none. */
  readonly onPath: string | null;
  /** Text of NODE_OPTIONS. */
  readonly options: string;
}

const LEAST = [22, 15] as const;

/** The Node that applications will run on, and what it is told to load before them. */
export function nodeFindings({ own, onPath, options }: NodeFacts): Finding[] {
  const findings = [nodeFinding(own, onPath)];
  const preloads = options.match(/pinchpoint\/(?:lib\/)?register/g)?.length ?? 0;
  if (preloads > 1) {
    findings.push(note("NODE_OPTIONS", `loads pinchpoint ${preloads} times; the first counts`, "name it once"));
  }
  if (/--(?:experimental-)?permission\b/.test(options)) {
    findings.push(
      note(
        "NODE_OPTIONS",
        "Node's permission model is on",
        "allow reading the packages and writing the temporary folder (--allow-fs-read, --allow-fs-write), and workers if there are any (--allow-worker)",
      ),
    );
  }
  return findings;
}

function nodeFinding(own: string, onPath: string | null): Finding {
  if (onPath === null || onPath === own) return ok("Node.js", own);
  if (isTooOld(onPath)) {
    return problem(
      "Node.js",
      `${own} here, but "node" on the PATH is ${onPath}, which runs applications without recording them`,
      `put Node ${LEAST.join(".")} or newer first on the PATH`,
    );
  }
  return note("Node.js", `${own} here, and "node" on the PATH is ${onPath}`, null);
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
}
