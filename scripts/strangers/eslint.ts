import type { Stranger } from "./stranger.ts";

export const eslint: Stranger = {
  name: "eslint --concurrency 2",
  kind: "worker pool",
  modules: "ESM",
  packages: { eslint: "10.15.0", lodash: "4.18.1" },
  inputs: {
    "eslint.config.mjs": function* () {
      yield 'export default [{ ignores: ["!**/node_modules/"] }, { rules: { complexity: ["error", 3] } }];\n';
    },
  },
  command: () => ["node_modules/eslint/bin/eslint.js", "--concurrency", "2", "node_modules/lodash/*.js"],
  judged: "Yes, nothing is to be seen: its worker threads are asked by no stage, and it joins no streams.",
};
