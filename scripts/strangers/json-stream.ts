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
    "About the loop, and the cores, yes: all its code runs on one thread of a busy machine. About the stage no: the parser and the stringifier (48 % of a CPU profile) are streams of an older kind, which are not seen, so that `stdin` is charged with them; the verdict says that something could not be observed.",
};
