// What the verdict says when it is not told a signal: a check that the signal is what makes it right.
import {
  judge,
  parseRecording,
  type Recording,
  type RecordingSnapshot,
  type StageSnapshot,
  type Verdict,
} from "@pinchpoint/verdict";

const STARVED = 0;
const SELF = 1;
const WAIT = 2;
const USE = 3;
const BLOCKED = 4;

type Ablation = (snapshot: RecordingSnapshot) => RecordingSnapshot;

const ablations: Record<string, Ablation> = {
  /** Waiting for input or output looks like work. */
  "blocked-starved": ofStages((row) => asWork(row, [STARVED, BLOCKED])),
  /** Nobody knows which stage holds the event loop. */
  segments: ofStages((row) => ({ ...row, loopHeldSeconds: 0, loopHeldSquared: 0, loopOverlapSeconds: 0 })),
  /** What stages call is not seen: waiting for an answer looks like work. */
  resources: (snapshot) => ({ ...ofStages((row) => asWork(row, [WAIT, USE]))(snapshot), resources: [] }),
  /** Threads that have no core look busy. */
  "run-queue": (snapshot) => ({
    ...snapshot,
    threads: snapshot.threads.map((row) => ({ ...row, runQueueSeconds: 0 })),
    processes: snapshot.processes.map((row) => ({ ...row, runQueueSeconds: 0 })),
  }),
};

export const signalNames: readonly string[] = Object.keys(ablations);

export function withoutSignal(recordingText: string, signal: string): Verdict {
  const recording: Recording = parseRecording(recordingText);
  const change = ablations[signal] as Ablation;
  return judge({ ...recording, snapshots: recording.snapshots.map(change) })[0] as Verdict;
}

function ofStages(change: (row: StageSnapshot) => StageSnapshot): Ablation {
  return (snapshot) => ({ ...snapshot, stages: snapshot.stages.map(change) });
}

function asWork(row: StageSnapshot, states: readonly number[]): StageSnapshot {
  const taken = states.reduce((sum, state) => sum + (row.stateSeconds[state] as number), 0);
  const stateSeconds = row.stateSeconds.map((seconds, state) =>
    states.includes(state) ? 0 : state === SELF ? seconds + taken : seconds,
  );
  return { ...row, stateSeconds };
}
