import { expect, test } from "vitest";
import { isPassed } from "../../bench/src/case-result.ts";
import { BARE, type Experiment, type Measured } from "../../bench/src/experiment.ts";
import { experimentRun } from "../../bench/src/experiment-run.ts";

const kept = (done: number, recorded: number) => [{ what: "items", done, recorded }];

/** Programs by name, and what each finds in every round. */
const run = (programs: Readonly<Record<string, () => Measured>>, rounds = 3) => {
  const experiment: Experiment = {
    name: "pipeline",
    rounds,
    programs: Object.entries(programs).map(([name, measure]) => ({ name, measure })),
    claims: [{ name: "a pipeline", unit: "ns", ours: "ours", bare: "plain", target: { against: BARE, atMost: 2 } }],
  };
  return experimentRun("group", experiment, async (_, program) => program.measure());
};
const plain = (): Measured => ({ values: { plain: 10 }, kept: [] });

test("in each round every program runs once", async () => {
  const ran: string[] = [];
  const noting = (name: string, values: Readonly<Record<string, number>>) => (): Measured => {
    ran.push(name);
    return { values, kept: [] };
  };
  await run({ plain: noting("plain", { plain: 1 }), ours: noting("ours", { ours: 1 }) }, 4);
  const rounds = [0, 2, 4, 6].map((at) => ran.slice(at, at + 2).toSorted());
  expect(rounds).toEqual(Array.from({ length: 4 }, () => ["ours", "plain"]));
});

test("a recorder that records all it was given is judged by its cost", async () => {
  const cases = await run({ plain, ours: () => ({ values: { ours: 12 }, kept: kept(100, 100) }) });
  expect(cases).toMatchObject([{ ours: 12, bare: 10, ratios: { bare: 1.2 }, met: true, problem: null }]);
});

test.for([
  ["nothing", kept(100, 0), "ours recorded 0 items of 100"],
  ["one too few", kept(100, 99), "ours recorded 99 items of 100"],
  ["one too many", kept(100, 101), "ours recorded 101 items of 100"],
  ["all of nothing", kept(0, 0), "ours recorded 0 items of 0"],
] as const)("a recorder that records %s has no cost, however cheap it is", async ([, counts, problem]) => {
  const cases = await run({ plain, ours: () => ({ values: { ours: 1 }, kept: counts }) });
  expect(cases).toMatchObject([{ ours: null, met: false, problem }]);
  expect(isPassed(cases)).toBe(false);
});

test("one bad round is enough", async () => {
  let round = 0;
  const ours = (): Measured => {
    round += 1;
    return { values: { ours: 12 }, kept: kept(100, round === 3 ? 0 : 100) };
  };
  expect(await run({ plain, ours })).toMatchObject([{ met: false, problem: "ours recorded 0 items of 100" }]);
});

test("a program that fails is told in its own words, and the others go on no further", async () => {
  let times = 0;
  const ours = (): Measured => {
    times += 1;
    throw new Error("no such stream");
  };
  expect(await run({ plain, ours })).toMatchObject([{ met: false, problem: "no such stream" }]);
  expect(times).toBe(1);
});

test("two programs that measure the same name are a mistake", async () => {
  const cases = await run({ plain, ours: () => ({ values: { plain: 1, ours: 1 }, kept: [] }) });
  expect(cases).toMatchObject([{ problem: expect.stringContaining('measures "plain"') }]);
});
