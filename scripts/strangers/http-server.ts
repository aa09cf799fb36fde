import { csv, type Stranger } from "./stranger.ts";

export const httpServer: Stranger = {
  name: "http-server",
  kind: "web server",
  modules: "CommonJS",
  packages: { "http-server": "14.1.1" },
  inputs: { "flights.csv": () => csv(200) },
  command: (port) => ["node_modules/http-server/bin/http-server", ".", "-p", String(port), "-s", "-c-1"],
  served: { requests: [{ method: "GET", path: "/flights.csv" }], count: 12_000 },
  judged:
    "Yes. A CPU profile has nothing but the main thread's own work, most of it what is done for each request: `stat` 29 %, `writev` 13 %. One thing could not be observed: its way from the request to its handlers is a stream of an older kind.",
};
