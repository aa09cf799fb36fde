// What the verdict says when it is not told a signal: a check that the signal is what makes it right.
import { judge, parseRecording, type Recording, type StageSnapshot, type Verdict } from "@pinchpoint/verdict";

const STARVED = 0;
const BLOCKED = 4;

const ablations: Record<string, (row: StageSnapshot) => StageSnapshot> = {
  /** Waiting for input or output looks like work. */
  "blocked-starved": (row) => ({
    ...row,
    stateSeconds: row.stateSeconds.map((seconds, state) =>
      state === STARVED || state === BLOCKED
        ? 0
        : state === 1
          ? seconds + (row.stateSeconds[STARVED] as number) + (row.stateSeconds[BLOCKED] as number)
          : seconds,
    ),
  }),
  /** Nobody knows which stage holds the event loop. */
  segments: (row) => ({ ...row, loopHeldSeconds: 0, loopHeldSquared: 0, loopOverlapSeconds: 0 }),
};

export const signalNames: readonly string[] = Object.keys(ablations);

export function withoutSignal(recordingText: string, signal: string): Verdict {
  const recording: Recording = parseRecording(recordingText);
  const change = ablations[signal] as (row: StageSnapshot) => StageSnapshot;
  const snapshots = recording.snapshots.map((snapshot) => ({ ...snapshot, stages: snapshot.stages.map(change) }));
  return judge({ ...recording, snapshots })[0] as Verdict;
}
