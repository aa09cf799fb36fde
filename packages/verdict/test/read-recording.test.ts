import { expect, test } from "vitest";
import { judge } from "../src/judge.ts";
import { parseRecording } from "../src/read-recording.ts";
import { RecordingError, type RecordingErrorCode } from "../src/recording-error.ts";
import { renderVerdict } from "../src/render.ts";
import { recordingOf, toText } from "./recordings.ts";
import { steady } from "./simulation.ts";

const recording = recordingOf({
  stages: [
    { name: "read", seconds: steady(0.002), to: ["store"] },
    { name: "store", seconds: steady(0.01) },
  ],
});
const text = toText(recording);
const lines = text.trimEnd().split("\n");
const [header = "", first = "", second = ""] = lines;

function refuses(given: string, code: RecordingErrorCode, line: number | null, words: RegExp): void {
  let caught: unknown;
  try {
    parseRecording(given);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(RecordingError);
  const error = caught as RecordingError;
  expect([error.code, error.line]).toEqual([code, line]);
  expect(error.message).toMatch(words);
}

/** The second line with one thing changed. */
function changed(change: (snapshot: Record<string, never>) => unknown): string {
  const snapshot = JSON.parse(first);
  change(snapshot);
  return `${header}\n${JSON.stringify(snapshot)}\n${second}\n`;
}

test("what was written is read", () => {
  expect(parseRecording(text)).toEqual({ ...recording, droppedLines: 0 });
});

test("blank lines and the line ends of other systems do no harm", () => {
  expect(parseRecording(text.replaceAll("\n", "\r\n\r\n")).snapshots).toEqual(recording.snapshots);
});

test("a last line that was cut off is left out, counted and named as blind", () => {
  const cut = parseRecording(text.slice(0, -40));
  expect(cut.snapshots.length).toBe(recording.snapshots.length - 1);
  expect(cut.droppedLines).toBe(1);
  const [verdict] = judge(cut);
  expect(verdict?.kind).toBe("bottleneck");
  expect(verdict === undefined ? "" : renderVerdict(verdict)).toContain("cut off");
});

test.for([
  [{ "message-context": 1 }, "1 message went on without a trace"],
  [{ "message-context": 2 }, "2 messages went on without a trace"],
  [{ "not-patched": 1 }, "1 thing could not be observed (not-patched)"],
  [{ "not-patched": 2500 }, "2500 things could not be observed (not-patched)"],
  [{ "stage-limit": 3 }, "3 stages or calls had no room of their own in a thread (stages: in others)"],
  [{ "edge-limit": 1 }, "1 lost (edge-limit)"],
] as const)("what was lost is told as a whole number: %o", ([losses, words]) => {
  const snapshots = recording.snapshots.map((one) => ({ ...one, losses }));
  expect(judge({ ...recording, snapshots })[0]?.blind).toContain(words);
});

test("a header later in the file replaces the one before", () => {
  const grown = JSON.parse(header);
  grown.stages.push({ id: 9, pipeline: "flights", name: "extra", role: "stage", workers: null });
  const parsed = parseRecording(`${header}\n${first}\n${JSON.stringify(grown)}\n${second}\n`);
  expect(parsed.header.stages.length).toBe(3);
  expect(parsed.snapshots.length).toBe(2);
});

test("fields that a later version adds are ignored", () => {
  expect(parseRecording(changed((one) => Object.assign(one, { weather: "fine" }))).snapshots.length).toBe(2);
});

const LINE = "PINCH_RECORDING_LINE";
const cases: readonly (readonly [string, string, RecordingErrorCode, number | null, RegExp])[] = [
  ["an empty file", "", "PINCH_RECORDING_EMPTY", null, /empty.*record again/],
  ["only blanks", " \n\n", "PINCH_RECORDING_EMPTY", null, /empty/],
  ["a file cut off in its header", header.slice(0, 50), "PINCH_RECORDING_EMPTY", null, /within its first line/],
  ["a header alone", `${header}\n`, "PINCH_RECORDING_NO_SNAPSHOT", null, /no snapshot.*Record for longer/],
  ["another kind of file", "PK\u0003\u0004\nxx", "PINCH_RECORDING_NOT_JSON", 1, /line 1: not JSON/],
  ["a broken line in the middle", `${header}\n{"kind\n${second}\n`, "PINCH_RECORDING_NOT_JSON", 2, /line 2: not JSON/],
  ["a broken last line that was ended", `${header}\n${first}\n{"kind\n`, "PINCH_RECORDING_NOT_JSON", 3, /line 3/],
  ["a version of the future", header.replace("/v1", "/v9"), "PINCH_RECORDING_FORMAT", 1, /v9.*only.*v1.*is read/],
  ["JSON of another kind", '{"a":1}\n', "PINCH_RECORDING_FORMAT", 1, /no format/],
  ["a list", "[1]\n", LINE, 1, /must be an object, got \[1\]/],
  ["a snapshot before the header", `${first}\n${header}\n`, LINE, 1, /before the header/],
  ["time that runs backwards", `${header}\n${second}\n${first}\n`, LINE, 3, /atSeconds falls/],
  ["a time that is no number", changed((one) => Object.assign(one, { atSeconds: "1" })), LINE, 2, /atSeconds.*got "1"/],
  [
    "a number below zero",
    changed((one) => Object.assign(one.stages?.[0] ?? {}, { units: -1 })),
    LINE,
    2,
    /stages\[0\]\.units must be.*got -1/,
  ],
  [
    "too few states",
    changed((one) => Object.assign(one.stages?.[0] ?? {}, { stateSeconds: [1] })),
    LINE,
    2,
    /stateSeconds.*starved/,
  ],
  [
    "an unknown stage",
    changed((one) => Object.assign(one.stages?.[0] ?? {}, { stage: 77 })),
    LINE,
    2,
    /stage 77 is in no header/,
  ],
  [
    "a missing list",
    changed((one) => Object.assign(one, { threads: undefined })),
    LINE,
    2,
    /threads must be a list, got undefined/,
  ],
  [
    "an id with a new meaning",
    `${header}\n${header.replace('"read"', '"other"')}\n${first}\n`,
    LINE,
    2,
    /never changes its meaning/,
  ],
  ["deep nesting", `${"[".repeat(100_000)}\n`, "PINCH_RECORDING_TOO_BIG", 1, /nested deeper/],
  [
    "too many rows",
    changed((one) => Object.assign(one, { processes: Array(100_001).fill({}) })),
    "PINCH_RECORDING_TOO_BIG",
    2,
    /at most 100000/,
  ],
];

for (const [name, given, code, line, words] of cases)
  test(`${name} is refused with one sentence that helps`, () => refuses(given, code, line, words));
