import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installedFlightFile } from "../src/data-file.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const explicitMain = fileURLToPath(new URL("../src/explicit-main.ts", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flight-features-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(
  argv: readonly string[],
  settings?: string,
  program: string = main,
): Promise<{ exitCode: number | null; stderr: string }> {
  if (settings !== undefined) await writeFile(join(folder, "settings.json"), settings);
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: folder,
    env: { ...process.env, PINCHPOINT_PORT: "off" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { exitCode, stderr };
}

async function acknowledged(out: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, out, "acknowledged.json"), "utf8"));
}

async function rowsOf(out: string, query: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create(join(folder, out, "flights.duckdb"), { access_mode: "READ_ONLY" });
  const connection = await database.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowsJson();
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

const checksum = "SELECT count(*), bit_xor(hash(flights)), round(avg(late_probability), 6) FROM flights";

test("two runs over the same flights store the same features and scores, and acknowledge what is stored", async () => {
  for (const out of ["one", "two"]) {
    expect(await run(["--limit", "20000", "--out", out, "--quiet"])).toEqual({ exitCode: 0, stderr: "" });
    expect(await acknowledged(out)).toMatchObject({ rows: 20_000, batches: 40, rejectedRows: 0, isComplete: true });
  }
  const [one] = await rowsOf("one", checksum);
  expect(one).toEqual((await rowsOf("two", checksum))[0]);
  expect(one?.[0]).toBe("20000");
  const [first] = await rowsOf(
    "one",
    "SELECT departure, origin, destination, delay_minutes, distance_miles FROM flights",
  );
  expect(first).toEqual(["2001-01-01 00:01:00", "LAS", "PHL", 33, 2176]);
}, 60_000);

test.each([
  ["a pool", undefined],
  ["a scorer", '{ "scoring": "remote", "remoteMs": 1 }'],
])(
  "with declared stages and %s, the same flights are stored",
  async (_, settings) => {
    expect(await run(["--limit", "3000", "--out", "plain", "--quiet"])).toEqual({ exitCode: 0, stderr: "" });
    const declared = await run(["--limit", "3000", "--out", "declared", "--quiet"], settings, explicitMain);
    expect(declared).toEqual({ exitCode: 0, stderr: "" });
    expect(await rowsOf("declared", checksum)).toEqual(await rowsOf("plain", checksum));
  },
  60_000,
);

test("with declared stages too, what the user can mend is one sentence", async () => {
  const { exitCode, stderr } = await run(["--limit", "x"], undefined, explicitMain);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'flight-features: --limit must be a whole number of rows above 0, got "x"\n',
  });
});

test("a pinched run stores the same flights, and a copy in each further table", async () => {
  const settings = '{ "decodePasses": 2, "storeCopies": 3, "readRowsPerSecond": 1000000 }';
  expect(await run(["--limit", "3000", "--out", "plain", "--quiet"])).toMatchObject({ exitCode: 0 });
  expect(await run(["--limit", "3000", "--out", "pinched", "--quiet"], settings)).toMatchObject({ exitCode: 0 });
  expect(await rowsOf("pinched", checksum)).toEqual(await rowsOf("plain", checksum));
  for (const table of ["scored_flights_2", "scored_flights_3"]) {
    const difference = `SELECT count(*) FROM (SELECT * FROM scored_flights EXCEPT ALL SELECT * FROM ${table})`;
    expect(await rowsOf("pinched", difference)).toEqual([["0"]]);
    expect(await rowsOf("pinched", `SELECT count(*) FROM ${table}`)).toEqual([["3000"]]);
  }
}, 60_000);

test.each([
  ["a pool of three threads that score twice", '{ "scoreThreads": 3, "scorePasses": 2 }'],
  ["a scorer", '{ "scoring": "remote", "remoteSlots": 2, "remoteMs": 1 }'],
])(
  "%s stores the same probabilities, in the same order",
  async (_, settings) => {
    expect(await run(["--limit", "3000", "--out", "plain", "--quiet"])).toEqual({ exitCode: 0, stderr: "" });
    expect(await run(["--limit", "3000", "--out", "other", "--quiet"], settings)).toEqual({ exitCode: 0, stderr: "" });
    const query = "SELECT departure_minute, origin_id, destination_id, late_probability FROM scored_flights";
    expect(await rowsOf("other", query)).toEqual(await rowsOf("plain", query));
  },
  60_000,
);

test("a scorer of which half is asked still has every batch acknowledged", async () => {
  const settings = '{ "scoring": "remote", "halved": "score" }';
  expect(await run(["--limit", "3000", "--quiet"], settings)).toEqual({ exitCode: 0, stderr: "" });
  expect(await acknowledged("flight-features-out")).toMatchObject({ batches: 6, rows: 3000 });
}, 60_000);

/** Runs until the first batch is acknowledged, then hands the application over; resolves when nobody writes any more. */
async function interrupted(interrupt: (application: ChildProcess) => Promise<unknown> | unknown) {
  await writeFile(join(folder, "settings.json"), '{ "scoring": "remote" }');
  const child = spawn(process.execPath, [main], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  const isUnderWay = Promise.withResolvers<void>();
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    if (stderr.includes("\n")) isUnderWay.resolve();
  });
  // "close" waits for everyone who holds the pipe: the scorer has inherited it.
  const closed = new Promise<number | string | null>((resolve) =>
    child.on("close", (exitCode, signal) => resolve(signal ?? exitCode)),
  );
  await isUnderWay.promise;
  await interrupt(child);
  const end = await closed;
  return { end, lastLine: stderr.trimEnd().split("\n").at(-1) };
}

test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
  "an application that ends by %s leaves no scorer behind",
  async (signal) => {
    expect(await interrupted((application) => application.kill(signal))).toMatchObject({ end: signal });
  },
  60_000,
);

test("a scorer that dies in mid-run is one sentence and exit code 1, and nothing is left running", async () => {
  const { end, lastLine } = await interrupted(async ({ pid }) => {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    for (const scorer of children.trim().split(" ")) process.kill(Number(scorer), "SIGKILL");
  });
  expect(lastLine).toMatch(/^flight-features: the scorer at http:\/\/127\.0\.0\.1:\d+\/ is not there or broke off \(/);
  expect(end).toBe(1);
}, 60_000);

test.each(["read", "decode", "features", "score", "store"])(
  "with %s halved every batch is still acknowledged",
  async (halved) => {
    expect(await run(["--limit", "3000", "--quiet"], JSON.stringify({ halved }))).toMatchObject({ exitCode: 0 });
    // A halved source hands each batch out twice.
    const batches = halved === "read" ? 12 : 6;
    expect(await acknowledged("flight-features-out")).toMatchObject({ batches, rows: batches * 500 });
  },
  60_000,
);

test("reading stops after the given time, and what was read is finished", async () => {
  const settings = '{ "readRowsPerSecond": 5000 }';
  expect(await run(["--seconds", "0.5", "--quiet"], settings)).toEqual({ exitCode: 0, stderr: "" });
  const { rows, isComplete } = await acknowledged("flight-features-out");
  expect(isComplete).toBe(true);
  expect(rows).toBeLessThan(100_000);
  expect(await rowsOf("flight-features-out", "SELECT count(*) FROM scored_flights")).toEqual([[String(rows)]]);
}, 60_000);

async function checkRefusal(argv: readonly string[], exitCode: number, sentence: RegExp, settings?: string) {
  const result = await run(argv, settings);
  expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(result.stderr).toMatch(sentence);
  expect(result.exitCode).toBe(exitCode);
}

test("an unknown option is one sentence and exit code 2", () =>
  checkRefusal(["--pinch", "store"], 2, /^flight-features: Unknown option '--pinch'; --help lists the options$/m));

test("settings that make no sense are one sentence and exit code 1", () =>
  checkRefusal(
    [],
    1,
    /^flight-features: settings\.json: "storeCopies" must be a whole number/,
    '{ "storeCopies": -1 }',
  ));

test("a missing data file is one sentence and exit code 1", () =>
  checkRefusal(["--data", "none.parquet"], 1, /^flight-features: cannot read the data file none\.parquet \(ENOENT/));

test("a folder instead of a data file is one sentence and exit code 1", () =>
  checkRefusal(["--data", "."], 1, /^flight-features: the data file \. is not a file$/m));

test("an empty data file is one sentence and exit code 1", async () => {
  await writeFile(join(folder, "empty.parquet"), "");
  await checkRefusal(["--data", "empty.parquet"], 1, /^flight-features: the data file empty\.parquet is truncated or/);
});

test("a truncated data file is one sentence and exit code 1", async () => {
  await copyFile(installedFlightFile(), join(folder, "cut.parquet"));
  await truncate(join(folder, "cut.parquet"), 5_000_000);
  await checkRefusal(["--data", "cut.parquet"], 1, /^flight-features: the data file cut\.parquet is truncated or not/);
});

test("a data file that is damaged in its middle is one sentence and exit code 1", async () => {
  const path = join(folder, "hole.parquet");
  await copyFile(installedFlightFile(), path);
  const handle = await open(path, "r+");
  await handle.write(Buffer.alloc(200_000, 0x5a), 0, 200_000, 100_000);
  await handle.close();
  await checkRefusal(
    ["--data", path, "--quiet"],
    1,
    /^flight-features: the data file .*hole\.parquet is damaged in row group 1 of 11/,
  );
}, 60_000);

test("an output folder that cannot be made is one sentence and exit code 1", async () => {
  await mkdir(join(folder, "taken"));
  await writeFile(join(folder, "taken", "out"), "");
  await checkRefusal(
    ["--out", "taken/out", "--limit", "10"],
    1,
    /^flight-features: cannot make the output folder taken\/out/,
  );
});
