import { Recorder, runAs, type StageRecorder, systemClock, type Work } from "@pinchpoint/probe";
import { beforeEach, expect, test } from "vitest";
import { Habits } from "../src/habits.ts";

const here = { key: "api.js:1:1", label: "api.js:1" };
const there = { key: "api.js:9:1", label: "api.js:9" };

let looks: number;
let place: typeof here | null;
let habits: Habits;
beforeEach(() => {
  looks = 0;
  place = here;
  habits = new Habits(() => {
    looks += 1;
    return place;
  });
});

const recorder = Recorder.forProcess(systemClock(), { name: "main", osThreadId: null, workerId: 0 });
const workOf = (name: string): Work => ({
  stage: recorder.openStage({ pipeline: "habits", name, role: "source" }) as StageRecorder,
  span: null,
  isWorking: true,
  outer: null,
  visit: () => 0,
  endVisit: () => false,
});
const requests = workOf("http-server");
const joins = (count: number, pair = "file > gzip", work = requests) =>
  Array.from({ length: count }, () => runAs(work, () => habits.site(pair)));

test("what each request joins at one place is looked for a few times, and then once in a while", () => {
  expect(new Set(joins(1000))).toEqual(new Set([here]));
  expect(looks).toBeGreaterThan(100);
  expect(looks).toBeLessThan(200);
});

test("a second place is found among the first requests", () => {
  joins(10);
  place = there;
  expect(joins(200).every((site) => site === there)).toBe(true);
  place = here;
  expect(joins(200).every((site) => site === here)).toBe(true);
});

test("a second place that comes up late is found soon, and then each join is looked at", () => {
  joins(1000);
  place = there;
  expect(joins(17).at(-1)).toBe(there);
  place = here;
  const before = looks;
  expect(joins(100).every((site) => site === here)).toBe(true);
  expect(looks - before).toBe(100);
});

test.for([2, 3, 4, 5, 7, 12])("a place that each %ith request joins at is found", (rhythm) => {
  const found = Array.from({ length: 5040 }, (_, request) => {
    place = request > 1000 && request % rhythm === 0 ? there : here;
    return joins(1)[0];
  });
  expect(found.slice(-840).filter((site) => site === there)).toHaveLength(840 / rhythm);
});

test("each stage, and each pair of names, has habits of its own", () => {
  joins(100);
  place = there;
  expect(joins(1, "file > brotli")).toEqual([there]);
  expect(joins(1, "file > gzip", workOf("other"))).toEqual([there]);
});

test("outside of all stages every join is looked at", () => {
  for (let join = 0; join < 300; join++) habits.site("file > gzip");
  expect(looks).toBe(300);
});

test("names that are made up for each join are looked at each time, and fill no memory", () => {
  for (let join = 0; join < 1000; join++) joins(3, `file > gzip${join}`);
  expect(looks).toBe(3000);
});

test("where Node joins for itself stays so", () => {
  place = null;
  expect(new Set(joins(200))).toEqual(new Set([null]));
});
