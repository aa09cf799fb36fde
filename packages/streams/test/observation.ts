import { type Attachment, type Clock, Recorder, STATES, type StageRole, type State } from "@pinchpoint/probe";
import { afterEach, expect } from "vitest";
import { instrumentNodeStreams } from "../src/node-stream.ts";

/** What one stage did, in numbers that tests can name. */
export interface Observed {
  readonly name: string;
  readonly role: StageRole;
  readonly units: number;
  readonly arrived: number;
  readonly items: number;
  readonly errors: number;
  readonly dropped: number;
  readonly emitted: number;
  /** Milliseconds in each state that took any. */
  readonly ms: Partial<Record<State, number>>;
  /** Workers in each state that has any. */
  readonly workers: Partial<Record<State, number>>;
  readonly heldMs: number;
}

export class Observation {
  readonly recorder: Recorder;
  readonly attachment: Attachment;

  constructor(clock: Clock, pipeline: string) {
    this.recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
    this.attachment = instrumentNodeStreams(this.recorder, { pipeline });
  }

  stages(): readonly Observed[] {
    const { stages, stageRows } = this.recorder.snapshot();
    return stages.map(({ id, name, role }) => {
      const row = stageRows.find(({ stage }) => stage === id);
      if (row === undefined) throw new Error(`${name} has no row`);
      const { units, arrived, items, errors, dropped, emitted } = row;
      const ms = byState(row.stateSeconds, (seconds) => Math.round(seconds * 1e6) / 1e3);
      const workers = byState(row.stateWorkers, (count) => count);
      return {
        name,
        role,
        units,
        arrived,
        items,
        errors,
        dropped,
        emitted,
        ms,
        workers,
        heldMs: Math.round(row.loopHeldSeconds * 1e6) / 1e3,
      };
    });
  }

  stage(name: string): Observed {
    const found = this.stages().filter((stage) => stage.name === name);
    if (found[0] === undefined || found.length > 1) {
      throw new Error(`${found.length} stages are called ${name}; there are ${this.names().join(", ")}`);
    }
    return found[0];
  }

  names(): readonly string[] {
    return this.recorder.snapshot().stages.map(({ name }) => name);
  }

  /** Who feeds whom, as `read > decode`, sorted. */
  edges(): readonly string[] {
    const { stages, edges } = this.recorder.snapshot();
    const nameOf = (id: number) => stages.find((stage) => stage.id === id)?.name;
    return edges.map(({ from, to }) => `${nameOf(from)} > ${nameOf(to)}`).sort();
  }

  get losses(): Readonly<Record<string, number>> {
    return this.recorder.snapshot().losses;
  }
}

/** Everything that is expected is there, and each of it is exactly so: a state that is not named took no time. */
export function check(observed: Observed | undefined, expected: Partial<Observed>): void {
  expect(observed).toEqual(expect.objectContaining(expected));
}

const open: Observation[] = [];
afterEach(() => {
  for (const observation of open.splice(0)) observation.attachment.detach();
});

/** Node streams of this process, observed until the test ends. */
export function observe(clock: Clock, pipeline = "test"): Observation {
  const observation = new Observation(clock, pipeline);
  open.push(observation);
  return observation;
}

function byState(values: readonly number[], of: (value: number) => number): Partial<Record<State, number>> {
  return Object.fromEntries(STATES.map((state, i) => [state, of(values[i] ?? 0)] as const).filter(([, n]) => n !== 0));
}
