import { csv, type Stranger } from "./stranger.ts";

export const csvtojson: Stranger = {
  name: "csvtojson",
  kind: "stream ETL",
  modules: "CommonJS",
  packages: { csvtojson: "2.0.14" },
  inputs: { "flights.csv": () => csv(1_000_000) },
  command: () => ["node_modules/csvtojson/bin/csvtojson", "flights.csv"],
  judged:
    "Yes. By a CPU profile, 38 % of the time is the converter's code, and 26 % its writing to stdout from a `data` listener, which is no stage; the verdict says that no stage holds the larger part of the loop, and the converter the rest.",
};
