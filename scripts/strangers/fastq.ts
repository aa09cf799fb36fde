import type { Stranger } from "./stranger.ts";

export const fastq: Stranger = {
  name: "fastq, example.mjs",
  kind: "queue worker",
  modules: "ESM",
  packages: { fastq: "1.20.3" },
  command: () => ["node_modules/fastq/example.mjs"],
  judged: "Yes, nothing is to be seen: its queue calls a function, and joins no streams.",
};
