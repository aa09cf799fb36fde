import { expect, test } from "vitest";
import { includedBy } from "../src/include.ts";
import { INTEGRATIONS } from "../src/integration-names.ts";

test.for([
  [undefined, INTEGRATIONS],
  ["", []],
  ["streams", ["streams"]],
  [" http ,, piscina ", ["http", "piscina"]],
] as const)("%j includes %j", ([text, names]) => {
  expect(includedBy(text)).toEqual({ names: new Set(names), problem: null });
});

test("a name that there is not leaves all of them in, and is told with those that there are", () => {
  expect(includedBy("streams, Kafka")).toEqual({
    names: new Set(INTEGRATIONS),
    problem:
      'include (PINCHPOINT_INCLUDE): there is no "Kafka"; there are streams, http-server, http, worker-threads, piscina, timers.',
  });
});
