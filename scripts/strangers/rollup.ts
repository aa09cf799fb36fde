import type { Stranger } from "./stranger.ts";

export const rollup: Stranger = {
  name: "rollup with its terser plugin",
  kind: "worker pool",
  modules: "ESM",
  packages: { rollup: "4.68.7", "@rollup/plugin-terser": "1.0.2", "lodash-es": "4.18.1" },
  inputs: {
    "rollup.config.mjs": function* () {
      yield 'import terser from "@rollup/plugin-terser";\n';
      yield 'export default { input: "node_modules/lodash-es/lodash.js", output: { format: "esm" }, plugins: [terser({ maxWorkers: 2 })] };\n';
    },
  },
  command: () => ["node_modules/rollup/dist/bin/rollup", "--config", "rollup.config.mjs", "--silent"],
  judged: "Yes, nothing is to be seen: its worker threads are asked by no stage, and it joins no streams.",
};
