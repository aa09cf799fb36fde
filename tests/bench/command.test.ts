import { describe, expect, test } from "vitest";
import { commandOf } from "../../bench/src/command.ts";

const known = ["record", "overhead", "join"];
const all = ["record", "overhead"];
const read = (...words: readonly string[]) => commandOf(words, known, all);

test("one group runs by its name, and all that are promised by `all`", () => {
  expect(read("record")).toMatchObject({ groups: ["record"], jsonFile: undefined, way: "preload", mostPairs: 400 });
  expect(read("join", "--json", "a.json")).toMatchObject({ groups: ["join"], jsonFile: "a.json" });
  expect(read("all", "--under", "run", "--most", "12")).toMatchObject({ groups: all, way: "run", mostPairs: 12 });
});

describe("is refused with what there is instead:", () => {
  test.for([
    ["no group", [], "say which group: record, overhead, join, all"],
    ["a group that there is not", ["speed"], 'there is no group "speed": record, overhead, join, all'],
    ["the name of something that every object has", ["toString"], 'there is no group "toString"'],
    ["two groups", ["record", "join"], 'say one group, not "record join"'],
    ["a file without a name", ["record", "--json", ""], "--json needs the name of a file"],
    ["an unknown option", ["record", "--fast"], "--fast"],
    ["another way to record", ["overhead", "--under", "water"], '--under must be preload or run, got "water"'],
    ["too few pairs", ["overhead", "--most", "9"], '--most must be a whole number from 10 on, got "9"'],
    ["pairs that are no number", ["overhead", "--most", "many"], 'got "many"'],
  ] as const)("%s", ([, words, message]) => {
    expect(() => read(...words)).toThrow(message);
  });
});
