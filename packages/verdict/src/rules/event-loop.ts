import { type Candidate, type Change, halved, NO_CHANGE, type Rule } from "../candidate.ts";
import type { Picture } from "../demand.ts";
import type { LoopDemand } from "../loop.ts";
import type { Finding } from "../verdict.ts";
import { label, percent } from "../words.ts";

/** If more of the time in use than this belongs to no stage, naming the largest of the rest would mislead. */
const OUTSIDE = 0.5;
/** A holder with less than this share of the time in use explains nothing. */
const WORTH_NAMING = 0.05;

/** An event loop limits: it is in use nearly all the time, mostly by the stage that is named. */
export const eventLoopRule: Rule = {
  candidates(picture) {
    const candidates: Candidate[] = [];
    for (const loop of picture.loops) {
      if (isPoolOf(loop, picture)) continue;
      const found = candidate(loop);
      // Processes of a cluster have a `main` each; the fullest speaks for them.
      const same = candidates.findIndex((one) => one.entity.name === found.entity.name);
      if (same < 0) candidates.push(found);
      else if (found.utilisation > (candidates[same] as Candidate).utilisation) candidates[same] = found;
    }
    return candidates;
  },
  why(candidate, picture) {
    const loop = loopOf(candidate, picture);
    if (loop === undefined) return [];
    const findings: Finding[] = [
      {
        text: `${label(candidate.entity)} in use ${percent(loop.utilisation)}`,
        value: loop.utilisation,
      },
    ];
    const all = loop.busySeconds;
    if (all <= 0) return findings;
    const shares = loop.holders
      .filter((holder) => holder.seconds >= WORTH_NAMING * all)
      .slice(0, 3)
      .map((holder) => ({
        text: `${holder.stage.name} holds ${percent(holder.seconds / all)} of it`,
        value: holder.seconds / all,
      }));
    const named = loop.outside
      .filter(({ seconds }) => seconds >= WORTH_NAMING * all)
      .slice(0, 2)
      .map(({ name, seconds }) => ({ text: `${name} holds ${percent(seconds / all)} of it`, value: seconds / all }));
    const outside = loop.outsideSeconds / all;
    if (outside >= WORTH_NAMING) named.unshift({ text: `no stage holds ${percent(outside)} of it`, value: outside });
    return candidate.stage === null
      ? [...findings, ...named, ...shares]
      : [...findings, ...[...shares, ...named].sort((a, b) => b.value - a.value), ...garbage(loop)];
  },
  summary(candidate) {
    return `${label(candidate.entity)} (${percent(candidate.utilisation)})`;
  },
  changes(candidate, picture) {
    const { stage, stageId } = candidate;
    if (stage === null) return outsideChanges(loopOf(candidate, picture));
    const changes: Change[] = [
      {
        ...NO_CHANGE,
        change: `halve ${stage}'s time on the loop`,
        stageId,
        work: 0.5,
        step: halved("stage", stage),
      },
      {
        ...NO_CHANGE,
        change: `move ${stage} to a worker thread`,
        stageId,
        leavesLoop: true,
        step: { kind: "own-thread", stage },
      },
      {
        ...NO_CHANGE,
        change: `more ${stage} workers on this thread`,
        stageId,
        addedWorkers: 1,
        step: { kind: "workers", stage, from: 1, to: 2 },
      },
    ];
    return changes;
  },
};

function candidate(loop: LoopDemand): Candidate {
  const mostOutside = loop.outside[0]?.seconds ?? 0;
  const [most] = loop.holders;
  const isOutside = loop.outsideSeconds > OUTSIDE * loop.busySeconds || mostOutside > (most?.seconds ?? 0);
  const holder = isOutside ? undefined : most;
  return {
    entity: { kind: "event-loop", name: loop.thread.name },
    stage: holder?.stage.name ?? null,
    stageId: holder?.stage.id ?? null,
    threadId: loop.thread.id,
    resourceId: null,
    utilisation: loop.utilisation,
    occupied: loop.occupied,
  };
}

/** What holds the loop without being a stage, if it has a name. */
function outsideChanges(loop: LoopDemand | undefined): Change[] {
  const [most] = loop?.outside ?? [];
  if (loop === undefined || most === undefined || most.seconds < WORTH_NAMING * loop.busySeconds) return [];
  const { name } = most;
  return [
    {
      ...NO_CHANGE,
      change: `halve the time of ${name}`,
      eased: { threadId: loop.thread.id, part: { kind: "outside", name }, factor: 0.5 },
      step: { kind: "time", of: "outside", name, factor: 0.5 },
    },
    {
      ...NO_CHANGE,
      change: `move ${name} to a worker thread`,
      eased: { threadId: loop.thread.id, part: { kind: "outside", name }, factor: 0 },
      step: { kind: "time", of: "outside", name, factor: 0 },
    },
  ];
}

function garbage({ gcSeconds, busySeconds }: LoopDemand): Finding[] {
  const share = gcSeconds / busySeconds;
  return share >= WORTH_NAMING ? [{ text: `garbage collection takes ${percent(share)} of it`, value: share }] : [];
}

/** Share of a thread's time that one stage must hold to own the thread. */
const OWNS = 0.8;

/** True if the thread is one of several that exist for one stage: then they are its workers, and one more would help. */
function isPoolOf(loop: LoopDemand, picture: Picture): boolean {
  const owner = ownerOf(loop);
  if (owner === null) return false;
  return picture.loops.some((other) => other !== loop && ownerOf(other) === owner);
}

function ownerOf(loop: LoopDemand): number | null {
  const [first] = loop.holders;
  if (loop.thread.role !== "worker" || first === undefined) return null;
  return first.seconds >= OWNS * loop.busySeconds ? first.stage.id : null;
}

export function loopOf(candidate: Candidate, picture: Picture): LoopDemand | undefined {
  return picture.loops.find((loop) => loop.thread.id === candidate.threadId);
}
