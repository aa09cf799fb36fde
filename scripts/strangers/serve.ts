import { csv, type Stranger } from "./stranger.ts";

export const serve: Stranger = {
  name: "serve",
  kind: "web server",
  modules: "ESM",
  packages: { serve: "14.2.7" },
  inputs: { "flights.csv": () => csv(20_000) },
  command: (port) => [
    "node_modules/serve/build/main.js",
    ...["--listen", `tcp://127.0.0.1:${port}`, "--no-request-logging", "--no-port-switching", "--no-clipboard"],
  ],
  served: { requests: [{ method: "GET", path: "/flights.csv" }], count: 1500 },
  varies: /:\d{4,5}\b/g,
  judged:
    "Yes: 87 % of a CPU profile is in Node's own code, which reads a file chunk by chunk for each request, and writes it; nothing else works there.",
};
