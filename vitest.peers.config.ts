import { defineConfig, mergeConfig } from "vitest/config";
import shared from "./vitest.config.ts";

/** Tests against systems of others, which are installed outside of the repository. */
export default defineConfig({
  test: {
    ...mergeConfig(shared, {}).test,
    include: ["tests/peers/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
