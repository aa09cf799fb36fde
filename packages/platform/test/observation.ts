import { type Attachment, openPipeline, Recorder, STATES, type Stage } from "@pinchpoint/probe";
import { type HttpOptions, instrumentHttp } from "../src/http.ts";
import { HandClock } from "./hand-clock.ts";

export interface Observation {
  readonly clock: HandClock;
  readonly recorder: Recorder;
  readonly attachment: Attachment;
  stage(name: string): Stage;
  /** What each stage did with each resource, in ms, by `stage -> resource`. */
  calls(): Readonly<Record<string, { waitMs: number; useMs: number; uses: number; open: number }>>;
  /** The times of a stage by state, in ms; states without time are left out. */
  states(stage: string): Readonly<Record<string, number>>;
}

const ms = (seconds: number): number => Math.round(seconds * 1e6) / 1e3;

export function observe(options?: HttpOptions): Observation {
  const clock = new HandClock();
  const recorder = Recorder.forProcess(clock, { name: "main", osThreadId: null, workerId: 0 });
  const attachment = instrumentHttp(recorder, options);
  const pipeline = openPipeline(recorder, "test");
  return {
    clock,
    recorder,
    attachment,
    stage: (name) => pipeline.stage(name),
    calls: () => {
      const { stages, resources, resourceRows } = recorder.snapshot();
      const nameIn = (list: readonly { id: number; name: string }[], id: number) =>
        list.find((one) => one.id === id)?.name ?? "?";
      return Object.fromEntries(
        resourceRows.map(({ stage, resource, waitSeconds, useSeconds, uses, inUse }) => [
          `${nameIn(stages, stage)} -> ${nameIn(resources, resource)}`,
          { waitMs: ms(waitSeconds), useMs: ms(useSeconds), uses, open: inUse },
        ]),
      );
    },
    states: (name) => {
      const { stages, stageRows } = recorder.snapshot();
      const id = stages.find((one) => one.name === name)?.id;
      const row = stageRows.find(({ stage }) => stage === id);
      return Object.fromEntries(
        STATES.map((state, i) => [state, ms(row?.stateSeconds[i] ?? 0)] as const).filter(([, time]) => time !== 0),
      );
    },
  };
}
