import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { compileFunction } from "node:vm";
import * as stateClock from "../../src/state-clock.ts";

/** The writer's and the reader's code, as it is or changed. */
export type RowProtocol = Pick<typeof stateClock, "StateClock" | "StateRow" | "COPY_COUNT" | "COPY_LENGTH">;

export const asItIs: RowProtocol = stateClock;

/**
 * The same source with some of its text replaced.
 *
 * @param edits - what is replaced, each once, by what
 * @throws Error if the source no longer has such a text once: then what is tried here is not what it is named for
 */
export function changed(edits: readonly (readonly [from: string, to: string])[]): RowProtocol {
  let source = readFileSync(new URL("../../src/state-clock.ts", import.meta.url), "utf8");
  for (const [from, to] of edits) {
    const found = source.split(from).length - 1;
    if (found !== 1) throw new Error(`state-clock.ts has ${found} times, not once: ${from}`);
    source = source.replace(from, () => to);
  }
  const script = stripTypeScriptTypes(source).replaceAll(/^export (?=\S)/gm, "");
  return compileFunction(`${script}\nreturn { StateClock, StateRow, COPY_COUNT, COPY_LENGTH };`)() as RowProtocol;
}
