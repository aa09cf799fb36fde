import { csv, type Stranger } from "./stranger.ts";

export const csvParser: Stranger = {
  name: "csv-parser",
  kind: "stream ETL",
  modules: "CommonJS",
  packages: { "csv-parser": "3.2.1" },
  inputs: { "flights.csv": () => csv(1_000_000) },
  command: () => ["node_modules/csv-parser/bin/csv-parser"],
  stdin: "flights.csv",
  judged:
    "Yes. The machine was busy (during 96 % of that time some program waited for a core, by `/proc/pressure/cpu`), and in a CPU profile writing to stdout is the largest part (27 %), before all of the parser's own code (22 %).",
};
