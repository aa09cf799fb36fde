import type { Stranger } from "./stranger.ts";

export const fastify: Stranger = {
  name: "fastify, typescript-server.ts",
  kind: "web server",
  modules: "TypeScript",
  packages: { fastify: "5.12.8", tsx: "4.23.15" },
  command: () => ["--import", "tsx", "node_modules/fastify/examples/typescript-server.ts"],
  served: {
    requests: [{ method: "POST", path: "/ping/7?foo=1", body: { pong: "flight" } }],
    count: 12_000,
    port: 8080,
  },
  varies: /"(?:time|pid|remotePort|responseTime)":[\d.]+|"hostname":"[^"]*"|"reqId":"[^"]*"/g,
  isUnordered: true,
  judged:
    "Yes, as its source shows: its handler writes four lines and its logger two to stdout for each request, on the main thread, and it waits for nothing; the cores were short when the machine was busy.",
};
