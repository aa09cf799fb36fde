import type { Stranger } from "./stranger.ts";

export const pino: Stranger = {
  name: "pino, examples/transport.js",
  kind: "worker pool",
  modules: "CommonJS",
  packages: { pino: "10.4.0", "pino-pretty": "13.2.0" },
  command: () => ["node_modules/pino/examples/transport.js"],
  // `--import` changes the frames of Node's own module loader, which the errors that it logs tell.
  varies: /^ +at .*\n|\d\d:\d\d:\d\d\.\d{3}|\(\d+\)|pino-\d+-example/gm,
  judged:
    "Yes: it logs some twenty lines, too few for an answer, which the verdict says. They are formatted by two streams within the worker thread of its transport, and counted there.",
};
