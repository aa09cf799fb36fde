import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import { renderVerdict } from "../src/render.ts";
import type { Verdict } from "../src/verdict.ts";
import { loopsRecorded } from "./closed-loop.ts";
import { type RecordingPlan, recordingOf } from "./recordings.ts";
import { exact, type SimulatedStage, steady } from "./simulation.ts";

function chain(times: readonly number[], isSync = false): RecordingPlan {
  const names = ["read", "score", "store"];
  const stages = names.map((name, index): SimulatedStage => {
    const to = names[index + 1];
    return { name, seconds: exact((times[index] ?? 0) * 0.001), isSync, ...(to === undefined ? {} : { to: [to] }) };
  });
  return { stages };
}

const verdictOf = (plan: RecordingPlan): Verdict => judge(recordingOf(plan))[0] as Verdict;

test("a bottleneck is shown with its reasons, what it is not, what to do, and a table", () => {
  expect(renderVerdict(verdictOf(chain([3, 3, 10])))).toMatchInlineSnapshot(`
    "BOTTLENECK  store <- the sink itself             confidence high (0.99)
     throughput 100/s · limited 100 % of 18 s
     why   store 100 % in its own work; upstream score blocked 70 %
     not   source read (30 %) · score (30 %) · event loop main (0 %) · CPU (0 %, run queue 0 %)
     do    halve store's time     100 -> 200 ±10.0/s (+100 %), then store limits
           store workers 1 -> 2   100 -> 200 ±10.0/s (+100 %), then store limits

     stage     per s workers starved    self blocked
     read        100       1     0 %    30 %    70 %
     score       100       1     0 %    30 %    70 %
     store       100       1     0 %   100 %     0 %
    "
  `);
});

test("an event loop is shown with who holds it and what brings nothing", () => {
  expect(renderVerdict(verdictOf(chain([1, 8, 1], true)), { isBrief: true })).toMatchInlineSnapshot(`
    "BOTTLENECK  score <- event loop main             confidence high (0.99)
     throughput 100/s · limited 100 % of 18 s
     why   event loop main in use 100 %; score holds 80 % of it; store holds 10 % of it;
           read holds 10 % of it
     not   CPU (25 %, run queue 0 %)
     do    halve score's time on the loop      100 -> 167 ±8.34/s (+67 %), then event loop main limits
           move score to a worker thread       100 -> 125 ±6.26/s (+25 %), then score limits
           more score workers on this thread   100 -> 100 ±5.00/s  (no gain)
    "
  `);
});

test("a source that limits is no bottleneck", () => {
  expect(renderVerdict(verdictOf(chain([10, 3.6, 1])), { isBrief: true })).toMatchInlineSnapshot(`
    "NO BOTTLENECK  source-limited by read            confidence high (0.99)
     throughput 100/s · limited 100 % of 18 s
     why   read 100 % in its own time; read blocked 0 %; downstream score starved 64 %;
           busiest is score at 36 %, headroom x2.8
     not   score (36 %) · sink store (10 %) · event loop main (0 %) · CPU (0 %, run queue 0 %)
     do    make read twice as fast   100 -> 200 ±10.0/s (+100 %), then source read limits
    "
  `);
});

test("balanced names both", () => {
  expect(renderVerdict(verdictOf(chain([3, 10, 9.9])), { isBrief: true })).toMatchInlineSnapshot(`
    "BALANCED  score <- its own workers and store <- the sink itself  confidence high (0.99)
     throughput 100/s · limited 100 % of 18 s
     why   score 100 % and store 99 % are level; score 100 % in its own work;
           upstream read blocked 70 %; store 99 % in its own work
     not   source read (30 %) · event loop main (0 %) · CPU (0 %, run queue 0 %)
     do    halve score's time     100 -> 101 ±5.05/s (+1 %), then store limits
           score workers 1 -> 2   100 -> 101 ±5.05/s (+1 %), then store limits
    "
  `);
});

test("a cap on units in flight is shown with who has most of a unit's time", () => {
  const stages = ["read", "score", "store"].map((name, index) => ({
    name,
    seconds: steady(([3, 12, 5][index] ?? 0) * 0.001),
  }));
  const [verdict] = judge(loopsRecorded({ stages, atOnce: 1 })) as [Verdict];
  expect(renderVerdict(verdict, { isBrief: true })).toMatchInlineSnapshot(`
    "IN-FLIGHT-LIMITED  flights <- its cap on units in flight  confidence high (0.99)
     throughput 50.0/s · limited 100 % of 18 s
     why   1 of at most 1 units in flight; score has 60 % of a unit's time;
           0 % of it is waiting for room or for others; nothing else is busy over 0 %
     not   event loop main (0 %) · CPU (0 %, run queue 0 %)
     do    units in flight 1 -> 2   50.0 -> 100 ±5.02/s (+100 %), then the cap on units in flight limits
           halve score's time       50.0 -> 71.4 ±3.58/s (+43 %), then the cap on units in flight limits
    "
  `);
});

test("unsure says what is needed", () => {
  expect(renderVerdict(verdictOf({ ...chain([30, 30, 300]), seconds: 10 }), { isBrief: true })).toMatchInlineSnapshot(`
    "UNSURE  flights
     throughput 6.80/s · over 10 s
     need  only 68 of 150 source hand-overs were recorded: record for longer, or hand over smaller
           batches
     not   source read (20 %) · score (15 %) · event loop main (0 %) · CPU (0 %, run queue 0 %)
    "
  `);
});

test("emphasis is only there when asked for", () => {
  const verdict = verdictOf(chain([3, 3, 10]));
  const plain = renderVerdict(verdict);
  const bold = renderVerdict(verdict, { ansi: true });
  expect(plain).not.toContain("\u001b");
  expect(bold.replaceAll("\u001b[1m", "").replaceAll("\u001b[22m", "")).toBe(plain);
  expect(bold).not.toBe(plain);
});

test("long names and control characters stay within one line of 100 columns", () => {
  const name = `${"very-".repeat(30)}long\n\u001b[31mred`;
  const stages = [
    { name: "read", seconds: exact(0.002), to: [name] },
    { name, seconds: exact(0.01) },
  ];
  const text = renderVerdict(verdictOf({ stages }));
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  expect(text).not.toContain("\u001b");
});
