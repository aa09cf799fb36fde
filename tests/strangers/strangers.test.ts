import { expect, test } from "vitest";
import { strangers } from "../../scripts/strangers/all.ts";
import type { Examined } from "../../scripts/strangers/examination.ts";
import { strangersTable } from "../../scripts/strangers/table.ts";

const machine = { cores: 2, node: "v24.0.0" };
const same = { isStdoutSame: true, isExitSame: true, areAnswersSame: null };

/** As if all had been examined, the first with something else about it. */
function tableWith(change: Partial<Examined>): string {
  const examined = strangers.map(
    ({ name, kind, modules, packages }, at): Examined => ({
      name,
      kind,
      modules,
      packages,
      exit: 0,
      preload: same,
      run: same,
      areStageNamesStable: true,
      stages: [["stdin", 1234]],
      secondsBare: 1,
      secondsRecorded: [1],
      verdicts: [null],
      blind: [],
      ...(at === 0 ? change : {}),
    }),
  );
  return strangersTable({ machine, strangers: examined });
}

test("there are at least twelve, of every kind and module system, with exact versions", () => {
  expect(strangers.length).toBeGreaterThanOrEqual(12);
  expect(new Set(strangers.map(({ kind }) => kind)).size).toBe(5);
  expect(new Set(strangers.map(({ modules }) => modules)).size).toBe(3);
  const versions = strangers.flatMap(({ packages }) => Object.values(packages));
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("each has a name of its own, and somebody has said whether its verdict was right", () => {
  expect(new Set(strangers.map(({ name }) => name)).size).toBe(strangers.length);
  expect(strangers.filter(({ judged }) => judged === "")).toEqual([]);
});

const cases: readonly (readonly [string, Partial<Examined>, string])[] = [
  ["nothing that differs", {}, "| yes (exit 0) |"],
  ["another output", { preload: { ...same, isStdoutSame: false } }, "| other: stdout under preload |"],
  ["another exit code", { run: { ...same, isExitSame: false } }, "| other: exit under `pinchpoint run` |"],
  ["other answers", { run: { ...same, areAnswersSame: false } }, "| other: answers under `pinchpoint run` |"],
  ["names that change", { areStageNamesStable: false }, "| other: names of stages |"],
  ["items", { stages: [["stdin", 1234]] }, "| `stdin` 1,234 |"],
  ["one verdict", { verdicts: ["unsure", "unsure"] }, "| unsure |"],
  ["verdicts that differ", { verdicts: ["unsure", null, "unsure"] }, "| 2 × unsure<br>1 × none |"],
  ["no streams", { stages: [] }, "| none |"],
];
test.for(cases)("the table tells %s", ([, change, cell]) => {
  expect(tableWith(change).split("\n")[2]).toContain(cell);
});

test("a program that was not examined is not left out in silence", () => {
  expect(() => strangersTable({ machine, strangers: [] })).toThrow("npm run strangers");
});
