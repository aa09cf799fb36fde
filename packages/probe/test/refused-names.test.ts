import { expect, test } from "vitest";
import { RefusedNames } from "../src/refused-names.ts";

test("what is refused again counts once, and a million names take the memory of some thousand", () => {
  const refused = new RefusedNames();
  let counted = 0;
  for (let round = 0; round < 2; round++) {
    for (let name = 0; name < 5000; name++) if (refused.add(`stage ${name}`)) counted += 1;
  }
  // Two names in a million pairs have one hash.
  expect(counted).toBeGreaterThan(4990);
  expect(counted).toBeLessThanOrEqual(5000);
  for (let name = 5000; name < 1_000_000; name++) if (refused.add(`stage ${name}`)) counted += 1;
  expect(counted).toBeGreaterThan(990_000);
  expect(counted).toBeLessThanOrEqual(1_000_000);
});
