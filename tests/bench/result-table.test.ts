import { expect, test } from "vitest";
import { caseResult } from "../../bench/src/case-result.ts";
import { BARE, type Claim, LIMIT } from "../../bench/src/experiment.ts";
import { pageTables, terminalTable } from "../../bench/src/result-table.ts";

const claim: Claim = {
  name: "a record",
  unit: "ns",
  ours: "ours",
  peers: ["theirs"],
  target: { against: "theirs", atLeast: 20, wanted: 30 },
  isGate: true,
};
const rounds = (ours: number, theirs: number) => [{ ours, theirs, plain: 2 }];
const cellsOf = (told: Claim, ours: number, theirs: number, problem: string | null = null) => {
  const lastLine =
    pageTables([caseResult("record", told, rounds(ours, theirs), problem)])
      .split("\n")
      .at(-1) ?? "";
  return lastLine
    .split("|")
    .map((cell) => cell.trim())
    .slice(1, -1);
};

test("a case tells its figure, the others' and what was promised", () => {
  const target = "≥ 20x theirs, wanted 30x (gate)";
  expect(cellsOf(claim, 8, 400)).toEqual(["a record", "8.00 ns", "theirs 400 ns (50.0x ours)", target, "met"]);
  expect(cellsOf(claim, 8, 200)[4]).toBe("met, below what is wanted");
  expect(cellsOf(claim, 8, 80)[4]).toBe("missed");
});

test("by the direction of its target a case tells how many times the other it is", () => {
  const { peers: _, ...alone } = claim;
  const target = { against: BARE, atMost: 1.25 };
  expect(cellsOf({ ...alone, bare: "plain", target }, 2.5, 0)).toMatchObject({
    2: "bare 2.00 ns (ours 1.25x)",
    4: "met",
  });
});

test("what comes on top of bare has a plus", () => {
  const told: Claim = { ...claim, bare: "plain", isAdded: true, target: { against: LIMIT, atMost: 30 }, isGate: false };
  expect(cellsOf(told, 12, 42)).toMatchObject({
    1: "+10.0 ns",
    2: "bare 2.00 ns<br>theirs +40.0 ns (ours 0.25x)",
    3: "≤ 30 ns",
  });
});

test("what comes on top of bare and is less than nothing has a minus alone", () => {
  const { target: _, isGate: __, ...told } = { ...claim, bare: "plain", isAdded: true };
  expect(cellsOf(told, 1.5, 1)).toMatchObject({ 1: "-0.50 ns", 2: "bare 2.00 ns<br>theirs -1.00 ns (ours 0.50x)" });
});

test("a case that failed says why instead of a figure", () => {
  expect(cellsOf(claim, 8, 400, "ours recorded 0 items of 9\n  at line 3")).toMatchObject({
    1: "not measured: ours recorded 0 items of 9",
    4: "FAILED",
  });
  const shown = terminalTable([caseResult("record", claim, rounds(8, 400), "ours ended with 1\nTypeError: no")]);
  expect(shown).toContain("TypeError: no");
});
