import { expect, test } from "vitest";
import { keptOf, samplesOf } from "../../bench/src/page-samples.ts";

const page = [
  "# TYPE wait histogram",
  'wait_bucket{stage="a",le="1"} 2',
  'wait_bucket{stage="a",le="+Inf"} 3',
  'wait_sum{stage="a"} 4.5',
  'wait_count{stage="a"} 3',
  'waits_total{stage="a"} 3',
  "",
].join("\n");
const samples = samplesOf(page, "wait");

test("samples of a page are counted without what explains them", () => {
  expect(samples).toEqual({ all: 5, buckets: 2, histograms: 1, durations: 3 });
});

const lostOf = (text: string) =>
  keptOf(samplesOf(text, "wait"), 1, 1, 3).filter(({ done, recorded }) => done !== recorded);

test("a page that holds all that was recorded is kept whole", () => {
  expect(lostOf(page)).toEqual([]);
});

test.for([
  ["has nothing", "", ["histograms", "buckets", "durations"]],
  ["has fewer buckets than the others", page.replace(/wait_bucket.+\n/, ""), ["buckets"]],
  ["has not the last durations", page.replace('_count{stage="a"} 3', '_count{stage="a"} 2'), ["durations"]],
] as const)("a page that %s is no page", ([, text, lost]) => {
  expect(lostOf(text).map(({ what }) => what)).toEqual(lost);
});
