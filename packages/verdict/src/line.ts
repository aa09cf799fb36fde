import { RECORDING_FORMAT, type RecordingLine, STATES } from "./recording.ts";
import { RecordingError } from "./recording-error.ts";

/** More rows than this in one list is no recording of ours, and would only exhaust memory. */
const MAX_ROWS = 100_000;
/** Longest name or encoded histogram, in characters; real ones are under a thousandth of it. */
const MAX_TEXT = 1_000_000;
/** State time is n·t − S (a difference of large sums), so that rounding may leave it a hair below zero. */
const ROUNDING = -1e-6;

type Fields = Readonly<Record<string, unknown>>;
/** Throws where the value is not what it must be; `where` is the path within the line. */
type Check = (value: unknown, where: string, line: number) => void;

function refuse(where: string, expected: string, value: unknown, line: number): never {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? String(value);
  throw new RecordingError(
    "PINCH_RECORDING_LINE",
    line,
    `${where} must be ${expected}, got ${shown}. The file was changed or written by something else: record again.`,
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text: Check = (value, where, line) => {
  if (typeof value !== "string" || value.length > MAX_TEXT) refuse(where, "a text", value, line);
};
const finite: Check = (value, where, line) => {
  if (typeof value !== "number" || !Number.isFinite(value)) refuse(where, "a finite number", value, line);
};
const id: Check = (value, where, line) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(where, "a whole number >= 0", value, line);
};
const amount: Check = (value, where, line) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value < ROUNDING)
    refuse(where, "a finite number >= 0", value, line);
};
const positive: Check = (value, where, line) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    refuse(where, "a finite number > 0", value, line);
};

const yes: Check = (value, where, line) => {
  if (value !== true) refuse(where, "true", value, line);
};

function orNull(check: Check): Check {
  return (value, where, line) => {
    if (value !== null) check(value, where, line);
  };
}

/** An older recorder did not write it. */
function orAbsent(check: Check): Check {
  return (value, where, line) => {
    if (value !== undefined) check(value, where, line);
  };
}

function oneOf(...allowed: readonly string[]): Check {
  return (value, where, line) => {
    if (!allowed.includes(value as string)) refuse(where, `one of ${allowed.join(", ")}`, value, line);
  };
}

function perState(value: unknown, where: string, line: number): void {
  if (!Array.isArray(value) || value.length !== STATES.length)
    refuse(where, `a list of ${STATES.length} numbers (${STATES.join(", ")})`, value, line);
  value.forEach((entry, index) => {
    amount(entry, `${where}[${index}]`, line);
  });
}

function fields(shape: Readonly<Record<string, Check>>): Check {
  return (value, where, line) => {
    if (!isFields(value)) refuse(where, "an object", value, line);
    for (const [name, check] of Object.entries(shape)) check(value[name], `${where}.${name}`, line);
  };
}

function rows(shape: Readonly<Record<string, Check>>): Check {
  const row = fields(shape);
  return (value, where, line) => {
    if (!Array.isArray(value)) refuse(where, "a list", value, line);
    if (value.length > MAX_ROWS)
      throw new RecordingError(
        "PINCH_RECORDING_TOO_BIG",
        line,
        `${where} holds ${value.length} rows; at most ${MAX_ROWS} are read. Record fewer stages at once.`,
      );
    value.forEach((entry, index) => {
      row(entry, `${where}[${index}]`, line);
    });
  };
}

const counts: Check = (value, where, line) => {
  if (!isFields(value)) refuse(where, "an object of counts", value, line);
  for (const [name, count] of Object.entries(value)) amount(count, `${where}.${name}`, line);
};

const header = fields({
  machine: fields({ cores: positive, node: text, platform: text }),
  processes: rows({ id, pid: id }),
  threads: rows({ id, process: id, role: oneOf("main", "worker"), name: text }),
  stages: rows({
    id,
    pipeline: text,
    name: text,
    role: oneOf("source", "stage", "sink"),
    workers: orNull(positive),
    port: orAbsent(positive),
    isOverflow: orAbsent(yes),
  }),
  edges: rows({ from: id, to: id }),
  resources: rows({
    id,
    name: text,
    kind: oneOf("service", "lock", "limiter", "pool", "gpu"),
    capacity: orNull(positive),
  }),
});

const snapshot = fields({
  atSeconds: finite,
  stages: rows({
    stage: id,
    thread: id,
    units: amount,
    arrived: amount,
    items: amount,
    errors: amount,
    untimed: orAbsent(amount),
    dropped: amount,
    emitted: amount,
    stateSeconds: perState,
    stateWorkers: perState,
    loopHeldSeconds: amount,
    loopHeldSquared: amount,
    loopOverlapSeconds: amount,
    duration: orNull(text),
  }),
  resources: rows({
    stage: id,
    resource: id,
    thread: id,
    uses: amount,
    errors: orAbsent(amount),
    waitSeconds: amount,
    useSeconds: amount,
    wait: orNull(text),
    use: orNull(text),
  }),
  threads: rows({
    thread: id,
    cpuSeconds: orNull(amount),
    runQueueSeconds: orNull(amount),
    loopActiveSeconds: orNull(amount),
    loopIdleSeconds: orNull(amount),
    gcSeconds: orAbsent(orNull(amount)),
    markSweepSeconds: orAbsent(orNull(amount)),
    heapBytes: orAbsent(orNull(amount)),
    heapLimitBytes: orAbsent(orNull(positive)),
    outside: orAbsent(rows({ name: text, seconds: amount })),
  }),
  processes: rows({ process: id, cpuSeconds: orNull(amount), runQueueSeconds: orNull(amount) }),
  losses: counts,
});

/**
 * Checks the shape of one line that was parsed from JSON. Fields that it does not know are left alone.
 *
 * @param line - number of the line, from 1, for the message
 * @throws RecordingError PINCH_RECORDING_FORMAT for a version that it does not know, PINCH_RECORDING_LINE otherwise
 */
export function validateLine(value: unknown, line: number): RecordingLine {
  if (!isFields(value)) refuse("the line", "an object", value, line);
  if (value.kind === "snapshot") {
    snapshot(value, "snapshot", line);
    return value as unknown as RecordingLine;
  }
  if (value.format !== RECORDING_FORMAT) {
    const found = value.format === undefined ? "no format" : `format ${JSON.stringify(value.format).slice(0, 60)}`;
    throw new RecordingError(
      "PINCH_RECORDING_FORMAT",
      line,
      `${found}, but only "${RECORDING_FORMAT}" is read. Use the version of Pinchpoint that wrote it, or record again.`,
    );
  }
  if (value.kind !== "header") refuse("kind", "header or snapshot", value.kind, line);
  header(value, "header", line);
  return value as unknown as RecordingLine;
}
