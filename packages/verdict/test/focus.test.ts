import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import type { Recording } from "../src/recording.ts";
import { recordingOf } from "./recordings.ts";
import { exact } from "./simulation.ts";

test("a loop that a hundred small pipelines fill together is not called full outside the stages", () => {
  const { header, snapshots } = recordingOf({
    stages: [
      { name: "read", seconds: exact(0.002), to: ["parse"] },
      { name: "parse", seconds: exact(0.008), isSync: true },
    ],
    seconds: 6,
    everySeconds: 0.5,
  });
  const copies = 120;
  const many = <Row>(rows: readonly Row[], copy: (row: Row, index: number) => Row): Row[] =>
    Array.from({ length: copies }, (_, index) => rows.map((row) => copy(row, index))).flat();
  const recording: Recording = {
    header: {
      ...header,
      stages: many(header.stages, (row, index) => ({ ...row, id: row.id + 2 * index, pipeline: `p${index}` })),
      edges: many(header.edges, (row, index) => ({ from: row.from + 2 * index, to: row.to + 2 * index })),
    },
    snapshots: snapshots.map((one) => ({
      ...one,
      stages: many(one.stages, (row, index) => ({
        ...row,
        stage: row.stage + 2 * index,
        loopHeldSeconds: row.loopHeldSeconds / copies,
      })),
    })),
  };
  const verdicts = judge(recording);
  expect(verdicts.length).toBe(copies);
  const [verdict] = verdicts;
  expect(verdict?.entity).toEqual({ kind: "event-loop", name: "main" });
  expect(verdict?.evidence.map((one) => one.text).join()).not.toContain("outside");
});
