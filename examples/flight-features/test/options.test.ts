import { expect, test } from "vitest";
import { Failure } from "../src/failure.ts";
import { parseOptions } from "../src/options.ts";

test("without options everything is read, into the usual folder", () => {
  expect(parseOptions([])).toEqual({
    dataFile: null,
    outputFolder: "flight-features-out",
    rowLimit: Number.POSITIVE_INFINITY,
    seconds: Number.POSITIVE_INFINITY,
    isQuiet: false,
    asksForHelp: false,
  });
});

test("options are taken as given", () => {
  const argv = ["--data", "d.parquet", "--out", "o", "--limit", "5", "--seconds", "1.5", "--quiet"];
  expect(parseOptions(argv)).toEqual({
    dataFile: "d.parquet",
    outputFolder: "o",
    rowLimit: 5,
    seconds: 1.5,
    isQuiet: true,
    asksForHelp: false,
  });
});

const wrong: readonly (readonly [string[], string])[] = [
  [["--frobnicate"], "Unknown option '--frobnicate'; --help lists the options"],
  [["flights"], "Unexpected argument 'flights'; --help lists the options"],
  [["--limit"], "Option '--limit <value>' argument missing; --help lists the options"],
  [["--limit", "1.5"], '--limit must be a whole number of rows above 0, got "1.5"'],
  [["--limit", "many"], '--limit must be a whole number of rows above 0, got "many"'],
  [["--limit", ""], '--limit must be a whole number of rows above 0, got ""'],
  [["--seconds", "0"], '--seconds must be a number of seconds above 0, got "0"'],
];

test.each(wrong)("%j is refused with one sentence and exit code 2", (argv, sentence) => {
  expect(() => parseOptions(argv)).toThrow(new Failure(sentence, { exitCode: 2 }));
  expect(() => parseOptions(argv)).toThrow(expect.objectContaining({ exitCode: 2 }));
});
