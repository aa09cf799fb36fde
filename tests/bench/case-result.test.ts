import { describe, expect, test } from "vitest";
import { type CaseResult, caseResult, isPassed, type Round } from "../../bench/src/case-result.ts";
import { BARE, type Claim, LIMIT } from "../../bench/src/experiment.ts";

const cheaper: Claim = {
  name: "a record",
  unit: "ns",
  ours: "ours",
  peers: ["theirs"],
  target: { against: "theirs", atLeast: 20, wanted: 30 },
  isGate: true,
};
const slower: Claim = {
  name: "a pipeline",
  unit: "ns an item",
  ours: "ours",
  bare: "plain",
  peers: ["theirs"],
  target: { against: BARE, atMost: 1.25 },
};
const added: Claim = {
  name: "start-up",
  unit: "ms",
  ours: "ours",
  bare: "plain",
  peers: ["theirs"],
  target: { against: "theirs", atMost: 0.25 },
  isAdded: true,
};

const resultOf = (claim: Claim, ...rounds: readonly Round[]) => caseResult("group", claim, rounds, null);

describe("a target", () => {
  test.for([
    ["so many times cheaper than a peer", cheaper, { ours: 10, theirs: 200 }, true],
    ["not that much cheaper", cheaper, { ours: 10, theirs: 199 }, false],
    ["as slow as it may be", slower, { ours: 125, plain: 100, theirs: 900 }, true],
    ["slower than it may be", slower, { ours: 126, plain: 100, theirs: 900 }, false],
    ["a quarter of what a peer adds", added, { ours: 120, plain: 100, theirs: 180 }, true],
    ["more than a quarter of what a peer adds", added, { ours: 121, plain: 100, theirs: 180 }, false],
    ["within a limit", { ...slower, target: { against: LIMIT, atMost: 30 } }, { ours: 30, plain: 9, theirs: 9 }, true],
    ["beyond a limit", { ...slower, target: { against: LIMIT, atMost: 30 } }, { ours: 31, plain: 9, theirs: 9 }, false],
    [
      "beyond a limit of what is added",
      { ...added, target: { against: LIMIT, atMost: 4 } },
      { ours: 15, plain: 10, theirs: 0 },
      false,
    ],
  ] as const)("%s", ([, claim, round, met]) => {
    expect(resultOf(claim, round).met).toBe(met);
  });

  test("nobody set is neither met nor missed", () => {
    const { target: _, ...told } = slower;
    expect(resultOf(told, { ours: 9, plain: 1, theirs: 1 })).toMatchObject({ target: null, met: null });
  });

  test("against what was not measured is an error, not a success", () => {
    const claim: Claim = { ...slower, target: { against: "nobody", atMost: 2 } };
    expect(() => resultOf(claim, { ours: 1, plain: 1, theirs: 1 })).toThrow('"nobody", which was not measured');
  });
});

test("ratios are made within rounds, so that a machine that slows down changes none", () => {
  const { ours, ratios, spread } = resultOf(
    slower,
    { ours: 12, plain: 10, theirs: 6 },
    { ours: 24, plain: 20, theirs: 12 },
    { ours: 120, plain: 100, theirs: 60 },
  );
  expect({ ours, ratios }).toEqual({ ours: 24, ratios: { bare: 1.2, theirs: 2 } });
  expect(spread).toMatchObject({ ours: [18, 72], "ratio to bare": [1.2, 1.2] });
});

test("what comes on top of bare is made within rounds too", () => {
  const { ours, bare, peers, ratios } = resultOf(
    added,
    { ours: 110, plain: 100, theirs: 200 },
    { ours: 210, plain: 200, theirs: 300 },
  );
  expect({ ours, bare, peers, ratios }).toEqual({
    ours: 10,
    bare: 150,
    peers: { theirs: 100 },
    ratios: { theirs: 0.1 },
  });
});

test.for([
  [
    "a round lacks a value",
    [
      { ours: 1, plain: 1, theirs: 1 },
      { ours: 1, theirs: 1 },
    ],
  ],
  ["something took no time at all", [{ ours: 1, plain: 0, theirs: 1 }]],
  ["there was no round", []],
] as const)("where %s there is no figure, and the benchmark fails", ([, rounds]) => {
  const result = resultOf(slower, ...rounds);
  expect(result).toMatchObject({
    ours: null,
    met: false,
    problem: expect.stringContaining("a pipeline: a spread needs"),
  });
  expect(isPassed([result])).toBe(false);
});

describe("the benchmark", () => {
  const met = resultOf(cheaper, { ours: 1, theirs: 20 });
  const missed = resultOf(cheaper, { ours: 1, theirs: 19 });
  test.for([
    ["passes where every gate is met", [met], true],
    ["fails where one gate is missed", [met, missed], false],
    ["passes where a target is missed that is no gate", [met, { ...missed, gate: false }], true],
    [
      "fails where a program had a problem, gate or not",
      [{ ...met, gate: false, problem: "it recorded nothing" }],
      false,
    ],
  ] as const satisfies readonly (readonly [string, readonly CaseResult[], boolean])[])("%s", ([, cases, passes]) => {
    expect(isPassed(cases)).toBe(passes);
  });
});
