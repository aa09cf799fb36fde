import type { Stranger } from "./stranger.ts";

export const prettier: Stranger = {
  name: "prettier",
  kind: "command line",
  modules: "ESM",
  packages: { prettier: "3.10.1", "lodash-es": "4.18.1" },
  command: () => [
    "node_modules/prettier/bin/prettier.cjs",
    "--ignore-path",
    "none",
    "--with-node-modules",
    "node_modules/lodash-es/lodash.default.js",
  ],
  judged: "Yes, nothing is to be seen: it reads its file at once, and joins no streams.",
};
