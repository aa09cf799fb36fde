import { type AnyRecorder, type Attachment, attachOnce, type Method, replaceMethod } from "@pinchpoint/probe/attach";

/** The class that the module `piscina` exports. */
export interface PiscinaClass {
  readonly prototype: object;
}

/** Under this name pools are recorded once, whoever asks. */
export const PISCINA = "piscina";

/** What records the tasks of a class's pools, until it is detached. */
export interface RunRecorder extends Attachment {
  /** Calls `run` of Piscina's with what the application gave. */
  run(original: Method, pool: object, args: readonly unknown[]): unknown;
}

/**
 * Watches the pools of a thread that may never have any: a worker's file often imports Piscina for its `move` alone.
 *
 * @param make - loads what records, with the first task; null where there can be none, and then the application is as bare
 */
export function watchRuns(
  recorder: AnyRecorder,
  piscinaClass: PiscinaClass,
  make: () => RunRecorder | null,
): Attachment {
  let runs: RunRecorder | null = null;
  let isMade = false;
  const made = () => {
    if (isMade) return runs;
    isMade = true;
    try {
      runs = make();
    } catch {
      recorder.lose("not-patched");
    }
    return runs;
  };
  const attach = () => replaceRun(piscinaClass, made, () => runs);
  return attachOnce({ name: PISCINA, attach }, piscinaClass, recorder);
}

/**
 * Replaces `run`, in one layer. Those who have taken it by name run it as bare once it is detached.
 *
 * @param runs - asked for with each task
 * @param known - what is detached with it; null where nothing was made
 */
export function replaceRun(
  { prototype }: PiscinaClass,
  runs: () => RunRecorder | null,
  known: () => RunRecorder | null,
): Attachment {
  let isAttached = true;
  const restore = replaceMethod(prototype, "run", (original) => {
    return function run(this: object, ...args) {
      const asked = isAttached ? runs() : null;
      return asked === null ? Reflect.apply(original, this, args) : asked.run(original, this, args);
    };
  });
  return {
    detach: () => {
      isAttached = false;
      restore();
      known()?.detach();
    },
  };
}
