import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "tests/**/*.test.ts"],
    // Real peers (brokers, clusters) have their own lock file and their own run.
    exclude: ["**/node_modules/**", "**/dist/**", "tests/peers/**"],
    globals: false,
    // A process for each file: preloads, signals and native modules must not leak from one file into the next.
    pool: "forks",
    maxWorkers: 2,
    // End-to-end files start hundreds of real threads, on machines that do other things too; what needs this long is a hang.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
