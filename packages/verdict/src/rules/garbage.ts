import type { Candidate } from "../candidate.ts";
import type { Picture } from "../demand.ts";
import type { LoopDemand } from "../loop.ts";
import type { Finding } from "../verdict.ts";
import { percent } from "../words.ts";
import { loopOf } from "./event-loop.ts";

/** The candidate that stands for all of a loop's time; who allocates is not known. */
export function onLoop(loop: LoopDemand, kind: "gc" | "memory"): Candidate {
  return {
    entity: { kind, name: loop.thread.name },
    stage: null,
    stageId: null,
    threadId: loop.thread.id,
    resourceId: null,
    utilisation: loop.utilisation,
    occupied: loop.occupied,
  };
}

export function garbageFindings(candidate: Candidate, picture: Picture): Finding[] {
  const loop = loopOf(candidate, picture);
  if (loop === undefined) return [];
  const { thread, gcSeconds, markSweepSeconds, busySeconds, utilisation, holders } = loop;
  const share = gcSeconds / busySeconds;
  const sweeps = gcSeconds > 0 ? markSweepSeconds / gcSeconds : 0;
  const findings = [
    { text: `event loop ${thread.name} in use ${percent(utilisation)}`, value: utilisation },
    { text: `pauses for garbage collection take ${percent(share)} of it`, value: share },
    { text: `mark-sweeps are ${percent(sweeps)} of them`, value: sweeps },
  ];
  const [most] = holders;
  if (most !== undefined) {
    const held = most.seconds / busySeconds;
    findings.push({ text: `${most.stage.name} holds ${percent(held)} of it, pauses included`, value: held });
  }
  return findings;
}
