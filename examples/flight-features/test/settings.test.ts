import { expect, test } from "vitest";
import { Failure } from "../src/failure.ts";
import { pinchNames, pinchSettings } from "../src/pinch.ts";
import { checkNodeOptions, defaultSettings, nodeOptions, parseSettings, readSettings } from "../src/settings.ts";

test("what the file leaves out has its default", () => {
  expect(parseSettings("{}", "settings.json")).toEqual(defaultSettings);
  expect(parseSettings('{ "storeCopies": 3 }', "settings.json")).toEqual({ ...defaultSettings, storeCopies: 3 });
});

test("without a file the defaults hold", async () => {
  expect(await readSettings(new URL("no-such-settings.json", import.meta.url).pathname)).toEqual(defaultSettings);
});

const wrong: readonly (readonly [string, string])[] = [
  ["[1]", 's must hold one JSON object, such as { "storeCopies": 1 }'],
  ["null", 's must hold one JSON object, such as { "storeCopies": 1 }'],
  ["", "s is not JSON (Unexpected end of JSON input)"],
  [
    '{ "storeCopy": 2 }',
    's: there is no setting "storeCopy"; the settings are decodePasses, storeCopies, readRowsPerSecond, scoring, scoreThreads, scorePasses, remoteSlots, remoteMs, boardPasses, recentFlights, recentCopies, heapMb, halved',
  ],
  [
    '{ "toString": 2 }',
    's: there is no setting "toString"; the settings are decodePasses, storeCopies, readRowsPerSecond, scoring, scoreThreads, scorePasses, remoteSlots, remoteMs, boardPasses, recentFlights, recentCopies, heapMb, halved',
  ],
  ['{ "decodePasses": 0 }', 's: "decodePasses" must be a whole number from 1 to 1000, got 0'],
  ['{ "decodePasses": "2" }', 's: "decodePasses" must be a whole number from 1 to 1000, got "2"'],
  ['{ "storeCopies": 1.5 }', 's: "storeCopies" must be a whole number from 1 to 1000, got 1.5'],
  ['{ "readRowsPerSecond": 0 }', 's: "readRowsPerSecond" must be a number above 0, or null, got 0'],
  ['{ "scoring": "gpu" }', 's: "scoring" must be one of pool, remote, got "gpu"'],
  ['{ "scoreThreads": 65 }', 's: "scoreThreads" must be a whole number from 1 to 64, got 65'],
  ['{ "scorePasses": 1001 }', 's: "scorePasses" must be a whole number from 1 to 1000, got 1001'],
  ['{ "remoteSlots": 0 }', 's: "remoteSlots" must be a whole number from 1 to 64, got 0'],
  ['{ "remoteMs": -1 }', 's: "remoteMs" must be a number of milliseconds from 0 to 10000, got -1'],
  ['{ "remoteMs": 1e5 }', 's: "remoteMs" must be a number of milliseconds from 0 to 10000, got 100000'],
  ['{ "remoteMs": null }', 's: "remoteMs" must be a number of milliseconds from 0 to 10000, got null'],
  ['{ "boardPasses": -1 }', 's: "boardPasses" must be a whole number from 0 to 1000, got -1'],
  ['{ "recentFlights": 0.5 }', 's: "recentFlights" must be a whole number from 0 to 10000000, got 0.5'],
  ['{ "recentCopies": 0 }', 's: "recentCopies" must be a whole number from 1 to 1000, got 0'],
  ['{ "heapMb": 16 }', 's: "heapMb" must be a whole number of megabytes from 32 to 1000000, or null, got 16'],
  [
    '{ "halved": "sort" }',
    's: "halved" must be null or one of read, decode, features, score, store, board, recent, got "sort"',
  ],
];

test.each(wrong)("%s is refused with a sentence that says what to write", (text, sentence) => {
  expect(() => parseSettings(text, "s")).toThrow(new Failure(sentence));
});

test("every pinch but none is valid settings that differ from the defaults", () => {
  for (const name of pinchNames) {
    const settings = pinchSettings(name);
    expect(parseSettings(JSON.stringify(settings), name)).toEqual(settings);
    if (name === "none") expect(settings).toEqual(defaultSettings);
    else expect(settings).not.toEqual(defaultSettings);
    expect(settings.halved).toBeNull();
  }
});

test("an unknown pinch is told which there are", () => {
  expect(() => pinchSettings("sink")).toThrow(
    'there is no pinch "sink"; the pinches are decode, store, source, score, remote, workers-over-cores, loop, gc, memory, none',
  );
});

test("a heap that the settings ask for is Node's option, without which it does not start", () => {
  expect(nodeOptions({ heapMb: null })).toEqual([]);
  expect(nodeOptions({ heapMb: 120 })).toEqual(["--max-old-space-size=120"]);
  checkNodeOptions({ heapMb: null }, []);
  checkNodeOptions({ heapMb: 120 }, ["--import", "x", "--max-old-space-size=120"]);
  expect(() => checkNodeOptions({ heapMb: 120 }, ["--max-old-space-size=240"])).toThrow(
    new Failure("the settings ask for another heap: start it by node --max-old-space-size=120 src/main.ts"),
  );
});
