import type { Candidate } from "./candidate.ts";
import type { Picture } from "./demand.ts";
import { inFlowOrder } from "./graph.ts";
import { ruleOf } from "./limit.ts";
import { NOT_REACHED, type Recording } from "./recording.ts";
import type { Finding, RuledOut, StageShare, Throughput } from "./verdict.ts";
import { percent } from "./words.ts";

/** Time in no known state is worth a line from this share on. */
const WORTH_SAYING = 0.005;

export function throughputOf(picture: Picture, limitedShare: number): Throughput {
  return {
    perSecond: picture.perSecond,
    unit: "hand-over",
    itemsPerSecond: picture.itemsPerSecond,
    seconds: picture.seconds,
    limitedShare,
  };
}

/** In the order of the flow. */
export function stageShares(picture: Picture): StageShare[] {
  const order = inFlowOrder(picture.component);
  const stages = [...picture.stages].sort((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage));
  return stages.map((demand) => {
    const { seconds, servers } = demand;
    const share = (workerSeconds: number): number => Math.min(1, workerSeconds / (servers * picture.seconds));
    return {
      stage: demand.stage.name,
      workers: servers,
      perSecond: demand.units / picture.seconds,
      starved: share(seconds.starved),
      self: share(seconds.self),
      wait: share(seconds.wait),
      use: share(seconds.use),
      blocked: share(seconds.blocked),
      useful: demand.utilisation,
    };
  });
}

/** What was looked at and does not limit, the busiest first; the CPU always, where it is known. */
export function ruledOutOf(named: readonly Candidate[], others: readonly Candidate[], picture: Picture): RuledOut[] {
  const rows = others.map((other) => ({
    entity: other.entity,
    utilisation: other.utilisation,
    text: ruleOf(other).summary(other, picture),
  }));
  const { utilisation, contention } = picture.cpu;
  if (utilisation === null || [...named, ...others].some(({ entity }) => entity.kind === "cpu")) return rows;
  const queue = contention === null ? "" : `, run queue ${percent(contention)}`;
  const entity = { kind: "cpu", name: "cpu" } as const;
  return [...rows, { entity, utilisation, text: `CPU (${percent(utilisation)}${queue})` }];
}

function lossInWords(reason: string, count: number): string {
  if (reason === "stage-limit") {
    return `${count} ${count === 1 ? "stage or call" : "stages or calls"} had no room of their own in a thread (stages: in others)`;
  }
  if (reason === "stage-closed") return `${count} ${count === 1 ? "unit" : "units"} of stages that had been closed`;
  if (reason === "message-context") return `${count} ${count === 1 ? "message" : "messages"} went on without a trace`;
  // Each is a class, a place or a call, of which items without number may not have been seen.
  if (reason === "not-patched") return `${count} ${count === 1 ? "thing" : "things"} could not be observed (${reason})`;
  if (!reason.startsWith(NOT_REACHED)) return `${count} lost (${reason})`;
  const threads = count === 1 ? "1 thread" : `${count} threads`;
  return `${threads} of ${reason.slice(NOT_REACHED.length)} could not be recorded`;
}

/** Calls that failed: an error takes its time too, and a retry doubles it. */
export function failedCalls(picture: Picture): Finding[] {
  return picture.resources
    .filter(({ errors }) => errors > 0)
    .map(({ resource, stage, uses, errors }) => {
      const calls = Math.max(uses, errors);
      const what = resource.kind === "pool" ? "tasks in pool" : "calls to";
      return {
        text: `${Math.round(errors)} of ${Math.round(calls)} ${what} ${resource.name} by ${stage.name} failed`,
        value: errors / calls,
      };
    });
}

/** Stages with too many units for each to be timed: their times are concluded from so many. */
function sampledStages({ header, snapshots }: Recording): string[] {
  const rows = snapshots.at(-1)?.stages ?? [];
  return header.stages.flatMap(({ id, name }) => {
    const own = rows.filter(({ stage }) => stage === id);
    const units = own.reduce((sum, row) => sum + row.units, 0);
    const timed = units - own.reduce((sum, row) => sum + (row.untimed ?? 0), 0);
    return timed < units
      ? [`${percent(timed / units)} of ${name}'s units timed, its times are concluded from those`]
      : [];
  });
}

/** What could not be seen, in words. */
export function blindSpots(recording: Recording, picture: Picture | null, change: string | null): string[] {
  const spots: string[] = [];
  if (change !== null) spots.push(change);
  for (const demand of picture?.stages ?? []) {
    const share = demand.seconds.unknown / (demand.servers * (picture?.seconds ?? 1));
    if (share >= WORTH_SAYING) spots.push(`${percent(share)} of ${demand.stage.name}'s time unknown`);
  }
  for (const loop of picture?.loops ?? [])
    if (!loop.isMeasured) spots.push(`event loop ${loop.thread.name}: only what stages held is known`);
  if (picture !== null && picture.cpu.contention === null) spots.push("run queue: the platform does not tell");
  spots.push(...sampledStages(recording));
  const losses = recording.snapshots.at(-1)?.losses ?? {};
  for (const [reason, count] of Object.entries(losses).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (count > 0) spots.push(lossInWords(reason, count));
  const dropped = recording.droppedLines ?? 0;
  if (dropped > 0) spots.push("the last line of the recording was cut off");
  return spots;
}
