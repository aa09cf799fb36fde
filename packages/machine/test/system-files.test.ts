import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SYSTEM_FILES } from "../src/system-files.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

test("what is missing, or is of another kind, reads as null", () => {
  expect(SYSTEM_FILES.text(`${folder}missing`)).toBeNull();
  expect(SYSTEM_FILES.text(folder)).toBeNull();
  expect(SYSTEM_FILES.shortText(`${folder}missing`)).toBeNull();
  expect(SYSTEM_FILES.shortText(folder)).toBeNull();
  expect(SYSTEM_FILES.linkTarget(folder)).toBeNull();
  expect(SYSTEM_FILES.names(`${folder}missing`)).toBeNull();
});

test("a short file is read to its end, though it claims no length", ({ skip }) => {
  skip(!existsSync("/proc/self/status"), "/proc is missing on this system");
  for (const read of [SYSTEM_FILES.text, SYSTEM_FILES.shortText]) {
    expect(read("/proc/self/status")).toMatch(/^Name:[\s\S]*nonvoluntary_ctxt_switches:\s*\d+\n$/);
  }
});

test("a file without an end is read to a bound", ({ skip }) => {
  skip(!existsSync("/dev/zero"), "/dev/zero is missing on this system");
  expect(SYSTEM_FILES.text("/dev/zero")?.length).toBe(65_536);
});
