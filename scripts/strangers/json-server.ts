import { rows, type Stranger } from "./stranger.ts";

export const jsonServer: Stranger = {
  name: "json-server",
  kind: "web server",
  modules: "CommonJS",
  packages: { "json-server": "0.17.4" },
  inputs: {
    "flights.json": function* () {
      yield JSON.stringify({ flights: [...rows(500)] });
    },
  },
  command: (port) => ["node_modules/json-server/lib/cli/bin.js", "flights.json", "--port", String(port), "--quiet"],
  served: {
    requests: [
      { method: "GET", path: "/flights?origin=AMS" },
      { method: "GET", path: "/flights/7" },
    ],
    count: 4000,
  },
  judged:
    "Yes, as its source shows: the data is in memory, each answer is filtered and turned into JSON on the main thread, and it waits for nothing.",
};
