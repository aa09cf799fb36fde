import type { Stranger } from "./stranger.ts";

const PAGES = 300;

export const linkinator: Stranger = {
  name: "linkinator",
  kind: "queue worker",
  modules: "ESM",
  packages: { linkinator: "8.1.0" },
  inputs: Object.fromEntries(
    Array.from({ length: PAGES }, (_, page) => [
      `site/${page === 0 ? "index" : page}.html`,
      function* () {
        const links = [1, 2, 3, 7].map((step) => `<a href="${(page + step) % PAGES || "index"}.html">next</a>`);
        yield `<html><body>${links.join("")}</body></html>\n`;
      },
    ]),
  ),
  command: () => [
    "node_modules/linkinator/build/src/cli.js",
    "site",
    "--recurse",
    "--verbosity",
    "info",
    "--format",
    "csv",
  ],
  // The page on which a link was found first is another one each time.
  varies: /localhost:\d+|,[^,\n]*,\[\]$/gm,
  isUnordered: true,
  judged:
    "About the thread yes; about the stage half. The crawler and the server that it starts for its pages are one thread, and in a CPU profile the server's files (opening, reading, closing) take about as much as the crawler's own code (linkinator 9 %, undici 8 %), of which only the reading of the answers is seen.",
};
