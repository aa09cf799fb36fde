import { ndjson, type Stranger } from "./stranger.ts";

export const ndjsonCli: Stranger = {
  name: "ndjson-cli",
  kind: "stream ETL",
  modules: "CommonJS",
  packages: { "ndjson-cli": "0.3.1" },
  inputs: { "flights.ndjson": () => ndjson(800_000) },
  command: () => ["node_modules/ndjson-cli/ndjson-map", "{id: d.id, isLate: d.delay > 60}"],
  stdin: "flights.ndjson",
  judged:
    "Yes, nothing is to be seen: it reads lines with `readline`, writes with `process.stdout.write`, and joins no streams.",
};
