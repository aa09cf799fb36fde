import { csv, type Stranger } from "./stranger.ts";

export const csvtojson: Stranger = {
  name: "csvtojson",
  kind: "stream ETL",
  modules: "CommonJS",
  packages: { csvtojson: "2.0.14" },
  inputs: { "flights.csv": () => csv(1_000_000) },
  command: () => ["node_modules/csvtojson/bin/csvtojson", "flights.csv"],
  judged:
    "About the cores yes, while other programs took them: during 96 % of that time some program waited for one (`/proc/pressure/cpu`). About the stage no: by a CPU profile, 38 % of the time is the converter's code and 26 % its writing to stdout from a `data` listener. `read-stream`, which waits for the loop to be free, is charged with what no stage is seen to do.",
};
