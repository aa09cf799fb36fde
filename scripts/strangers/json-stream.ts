import { rows, type Stranger } from "./stranger.ts";

export const jsonStream: Stranger = {
  name: "JSONStream",
  kind: "stream ETL",
  modules: "CommonJS",
  packages: { JSONStream: "1.3.5" },
  inputs: {
    "flights.json": function* () {
      yield '{"rows":[{}';
      for (const row of rows(800_000)) yield `,${JSON.stringify(row)}`;
      yield "]}\n";
    },
  },
  command: () => ["node_modules/JSONStream/bin.js", "rows.*"],
  stdin: "flights.json",
  judged:
    "Yes. All its code runs on one thread. The parser and the stringifier (48 % of a CPU profile) are streams of an older kind, which are not seen: the verdict names no stage, and says that something could not be observed.",
};
