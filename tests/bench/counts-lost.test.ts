import { expect, test } from "vitest";
import { countsLost } from "../../bench/src/counts-lost.ts";

test.for([
  ["nothing is lost where all was recorded", [{ begun: 9, ended: 9, recorded: 9 }], 0],
  ["a unit that its thread was terminated in may be recorded", [{ begun: 10, ended: 9, recorded: 10 }], 0],
  ["or not", [{ begun: 10, ended: 9, recorded: 9 }], 0],
  ["one that had ended may not be missing", [{ begun: 10, ended: 9, recorded: 8 }], 1],
  ["nor be there twice", [{ begun: 10, ended: 9, recorded: 11 }], 1],
  [
    "what one thread lacks, the surplus of another does not make good",
    [
      { begun: 10, ended: 10, recorded: 8 },
      { begun: 10, ended: 10, recorded: 13 },
    ],
    5,
  ],
  ["a recorder that records nothing loses all", [{ begun: 1001, ended: 1000, recorded: 0 }], 1000],
] as const)("%s", ([, tallies, lost]) => {
  expect(countsLost(tallies)).toBe(lost);
});
