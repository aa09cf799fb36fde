import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { application, endPrograms, NODE } from "../end-to-end/program.ts";
import { recordedAsBare } from "../end-to-end/ways.ts";
import { installedPeer } from "./installed-peer.ts";

afterEach(endPrograms);

const peer = installedPeer("pnpm");

test.for(["NODE_OPTIONS", "pinchpoint run"] as const)(
  "a script of pnpm's under %s is as bare, and nothing of pnpm's own is recorded",
  async (way, { skip }) => {
    if ("missing" in peer) return skip(peer.missing);
    const words = [NODE, join(peer.folder, "node_modules/pnpm/bin/pnpm.mjs"), "start"];
    const cwd = dirname(application("etl.js"));
    const { items, losses, processes } = await recordedAsBare(way, words, { cwd });
    expect({ counts: Object.values(items), losses, processes }).toEqual({
      counts: [50, 50, 50],
      losses: {},
      processes: 1,
    });
    expect(Object.keys(items)).toEqual(expect.arrayContaining(["decode", "store"]));
  },
);
