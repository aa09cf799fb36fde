import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { complaintAbout } from "../../scripts/check-node.cjs";
import { repositoryRoot } from "../../scripts/run-command.ts";

const mac = (version: string) => complaintAbout({ version, platform: "darwin", arch: "arm64" }, ">=22.18");

describe("a Node that serves passes without a word", () => {
  test.for(["22.18.0", "22.18.1", "22.20.0", "24.0.0", "26.1.0", "100.0.0", "24.0.0-nightly2025"])("%s", (version) => {
    expect(mac(version)).toBeNull();
  });
});

describe("a Node that is too old is named, with what is needed and what to do", () => {
  test.for(["12.22.0", "20.20.2", "22.17.9", "22.9.0"])("%s", (version) => {
    expect(mac(version)).toBe(
      `Node ${version} runs this command, but Pinchpoint needs Node 22.18 or newer. ` +
        "Install a current one from https://nodejs.org (or `nvm install 24`) and run `npm ci` again.",
    );
  });
});

test("where the lock file brings its own Node, the advice is to use that one", () => {
  expect(complaintAbout({ version: "20.20.2", platform: "linux", arch: "x64" }, ">=22.18")).toContain(
    "This repository brings its own: run `npm ci`, then start the command through npm",
  );
});

test("the check passes on the Node that runs these tests", () => {
  const output = execFileSync(process.execPath, [join(repositoryRoot, "scripts/check-node.cjs")], { encoding: "utf8" });
  expect(output).toBe("");
});
