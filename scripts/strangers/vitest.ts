import type { Stranger } from "./stranger.ts";

export const vitest: Stranger = {
  name: "vitest --pool=threads (Tinypool)",
  kind: "worker pool",
  modules: "TypeScript",
  packages: { vitest: "3.2.7" },
  inputs: Object.fromEntries(
    ["first", "second", "third"].map((name) => [
      `${name}.test.ts`,
      function* () {
        yield 'import { expect, test } from "vitest";\n';
        yield "const delay = (id: number): number => (id * 7919) % 240;\n";
        yield `test("${name}", () => expect([0, 1, 2].map(delay)).toEqual([0, 239, 238]));\n`;
      },
    ]),
  ),
  command: () => ["node_modules/vitest/vitest.mjs", "run", "--pool=threads", "--reporter=verbose"],
  varies: /[\d.]+m?s\b|\d\d:\d\d:\d\d|\([^)]*\)$/gm,
  isUnordered: true,
  judged: "Yes, nothing is to be seen: its threads are asked by no stage, and it joins no streams.",
};
