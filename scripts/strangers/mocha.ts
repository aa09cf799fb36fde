import type { Stranger } from "./stranger.ts";

export const mocha: Stranger = {
  name: "mocha --parallel (workerpool) on better-queue",
  kind: "queue worker",
  modules: "CommonJS",
  packages: { mocha: "12.0.3", "better-queue": "3.8.12" },
  command: () => [
    "node_modules/mocha/bin/mocha.js",
    ...[
      "--parallel",
      "--jobs",
      "2",
      "--reporter",
      "spec",
      "--no-config",
      "--timeout",
      "10000",
      // Some of its tests wait for so many milliseconds, and fail on a machine that is busy.
      "--retries",
      "5",
      "node_modules/better-queue/test/*.js",
    ],
  ],
  varies: / ?\(\d+m?s\)/g,
  isUnordered: true,
  judged:
    "Yes, nothing is to be seen: the queue's tasks are functions, the pool's processes are asked by messages, and no streams are joined.",
};
