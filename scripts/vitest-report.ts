import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";
import { repositoryRoot } from "./run-command.ts";
import type { Skip, Tally } from "./tally.ts";

/**
 * Writes how the tests ended, as a Tally, to the file that PINCHPOINT_TEST_TALLY names.
 * Vitest's own JSON has neither the reason of a skip nor the errors outside of tests.
 */
export default class VitestReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const file = process.env.PINCHPOINT_TEST_TALLY;
    if (file === undefined) throw new Error("PINCHPOINT_TEST_TALLY must name the file to write the tally to");
    writeFileSync(file, JSON.stringify(tallyOf(modules, unhandledErrors.length)));
  }
}

/** A file that could not be collected and an error outside of every test each count as one failure. */
function tallyOf(modules: readonly TestModule[], unhandledErrors: number): Tally {
  let passed = 0;
  let failed = unhandledErrors;
  const skips: Skip[] = [];
  for (const module of modules) {
    if (module.errors().length > 0) failed += 1;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") passed += 1;
      else if (result.state === "skipped") {
        const name = `${relative(repositoryRoot, module.moduleId)} > ${test.fullName}`;
        skips.push({ name, reason: result.note ?? "no reason given" });
      } else failed += 1;
    }
  }
  return { passed, failed, skips };
}
