import { STATES, type StateIndex } from "../../src/state-clock.ts";
import type { Model, Step } from "./explorer.ts";
import { type Layout, type SharedArrays, steppable } from "./program.ts";
import type { RowProtocol } from "./row-protocol.ts";
import { type Access, initialMemory, joined, type Memory, type Order, outcomes } from "./shared-memory.ts";

export interface RowCase {
  readonly protocol: RowProtocol;
  readonly order: Order;
  /** Two words of a copy: what mixes two publications does so in two words, so that each pair is a case. */
  readonly words: readonly [number, number];
  /** How many transitions the writer makes, if nobody terminates it. */
  readonly transitions: number;
  /** How many reads the reader makes meanwhile; one more follows once it has heard that the writer was terminated. */
  readonly reads: number;
  /** The sequence number that the row begins with, as if it had been in use for long. */
  readonly firstSequence: number;
}

interface RowState {
  readonly memory: Memory;
  /** What the writer's accesses have answered. */
  readonly writer: readonly number[];
  readonly isWriterAlive: boolean;
  /** What the accesses of the read under way have answered. */
  readonly reader: readonly number[];
  readonly readsDone: number;
  /** The newest publication that was accepted; 0 is the row as it was at first. */
  readonly accepted: number;
  readonly refusedTries: number;
}

const WRITER = 0;
const READER = 1;
/** In the copies that are not published at first: a read that has it has read what was not published. */
const NEVER_PUBLISHED = 0.5;

/**
 * All that one writer and one reader of a row can come to, by the classes' own code. What must hold of each read that is
 * accepted: it is one publication, none older than the last one, and after the writer's end the last that it made. And
 * that tries are refused only where the writer made as many publications as there are copies less one, for each.
 */
export function rowModel(rowCase: RowCase): Model<RowState> {
  const { protocol, order, words, transitions, reads, firstSequence } = rowCase;
  const { COPY_COUNT, COPY_LENGTH } = protocol;
  const sequenceLocation = COPY_COUNT * words.length;
  const layout: Layout = {
    wordAt: (index) => {
      const tracked = words.indexOf(index % COPY_LENGTH);
      return tracked < 0 ? null : Math.floor(index / COPY_LENGTH) * words.length + tracked;
    },
    sequenceAt: (index) => (index === 0 ? sequenceLocation : null),
  };
  const publishedCopy = firstSequence & (COPY_COUNT - 1);
  const start = initialMemory(
    [
      ...Array.from({ length: sequenceLocation }, (_, location) =>
        Math.floor(location / words.length) === publishedCopy ? 0 : NEVER_PUBLISHED,
      ),
      firstSequence,
    ],
    2,
  );

  const nextOfWriter = steppable(layout, (arrays) => makeTransitions(arrays, rowCase));
  const nextOfReader = steppable(layout, ({ words: copies, sequences }) => {
    const into = new Float64Array(COPY_LENGTH);
    const isAccepted = new protocol.StateRow(copies, 0, sequences, 0).read(into);
    return { isAccepted, row: words.map((word) => into[word] as number) };
  });
  const { publications, madeAfter } = publicationsAlone();

  function writerSteps(state: RowState): Step<RowState>[] {
    const next = nextOfWriter(state.writer);
    if (!state.isWriterAlive || "result" in next) return [];
    return outcomes(state.memory, WRITER, next.access, order).map(({ memory, answer }) => ({
      label: `writer: ${described(next.access, answer)}`,
      next: { ...state, memory, writer: [...state.writer, answer] },
      broken: null,
    }));
  }

  function readerSteps(state: RowState): Step<RowState>[] {
    const isReading = state.reader.length > 0;
    const steps: Step<RowState>[] = [];
    if (!isReading && state.isWriterAlive) {
      const memory = joined(state.memory, READER, WRITER);
      // A read that is under way goes on as if the writer only waited, so that its end makes a difference between reads.
      const next = { ...state, memory, isWriterAlive: false, readsDone: reads };
      steps.push({ label: "the writer is terminated here, and the reader told so", next, broken: null });
    }
    if (!isReading && state.readsDone >= reads + (state.isWriterAlive ? 0 : 1)) return steps;
    const { access } = nextOfReader(state.reader) as { access: Access };
    for (const { memory, answer } of outcomes(state.memory, READER, access, order)) {
      steps.push(afterAccess({ ...state, memory, reader: [...state.reader, answer] }, described(access, answer)));
    }
    return steps;
  }

  function afterAccess(state: RowState, access: string): Step<RowState> {
    const next = nextOfReader(state.reader);
    const label = `reader: ${access}`;
    if ("access" in next) return { label, next: state, broken: null };
    const { isAccepted, row } = next.result;
    const publication = publications.findIndex((each) => each.every((value, word) => value === row[word]));
    const tries = state.reader.length / (words.length + 2);
    const after = {
      ...state,
      reader: [],
      readsDone: state.readsDone + 1,
      accepted: Math.max(publication, state.accepted),
      refusedTries: state.refusedTries + tries - (isAccepted ? 1 : 0),
    };
    return { label, next: after, broken: brokenBy(after, isAccepted, row, publication) };
  }

  function brokenBy(state: RowState, isAccepted: boolean, row: readonly number[], publication: number): string | null {
    const made = madeAfter[state.writer.length] as number;
    if (!isAccepted) return "the read gave up";
    if (publication < 0) return `accepted what never was: ${row.join(" and ")}`;
    if (publication < state.accepted) return `accepted publication ${publication} after publication ${state.accepted}`;
    if (!state.isWriterAlive && publication !== made) {
      return `accepted publication ${publication} where the last before the end was ${made}`;
    }
    if (state.refusedTries * (COPY_COUNT - 1) > made) {
      return `refused ${state.refusedTries} tries while ${made} publications were made`;
    }
    return null;
  }

  /**
   * What the writer publishes where it is alone, in the tracked words, and how many publications it has made after any
   * number of accesses: as often as it has written to the sequence number, or all words where it never does.
   */
  function publicationsAlone(): { publications: (readonly number[])[]; madeAfter: number[] } {
    const accesses: Access[] = [];
    const answers: number[] = [];
    let memory = start;
    for (let next = nextOfWriter(answers); "access" in next; next = nextOfWriter(answers)) {
      const [outcome] = outcomes(memory, WRITER, next.access, "sequential");
      if (outcome === undefined) throw new Error("an access has no outcome");
      memory = outcome.memory;
      answers.push(outcome.answer);
      accesses.push(next.access);
    }
    const isWord = (access: Access) => access.location !== sequenceLocation;
    const values = accesses.filter(isWord).map(({ value }) => value);
    const publications = Array.from({ length: transitions + 1 }, (_, made) =>
      words.map((_, word) => (made === 0 ? 0 : (values[(made - 1) * words.length + word] as number))),
    );
    const changes = accesses.map((access) => !isWord(access) && access.kind !== "load");
    const madeAfter = accesses.map((_, at) => {
      const before = accesses.slice(0, at + 1);
      if (changes.includes(true)) return changes.slice(0, at + 1).filter((isChange) => isChange).length;
      return Math.floor(before.filter(isWord).length / words.length);
    });
    for (const word of words.keys()) {
      const distinct = new Set(publications.map((each) => each[word]));
      if (distinct.size <= transitions) throw new Error(`publications are alike in word ${words[word]}`);
    }
    return { publications, madeAfter: [0, ...madeAfter] };
  }

  function described({ kind, location, value }: Access, answer: number): string {
    if (location !== sequenceLocation) {
      const name = `word ${words[location % words.length]} of copy ${Math.floor(location / words.length)}`;
      return kind === "read" ? `reads ${answer} in ${name}` : `writes ${value} to ${name}`;
    }
    if (kind === "read") return `plainly reads sequence ${answer}`;
    if (kind === "write") return `plainly writes sequence ${value}`;
    if (kind === "load") return `loads sequence ${answer}`;
    if (kind === "store") return `stores sequence ${value}`;
    return kind === "add"
      ? `finds sequence ${answer} by a read-modify-write`
      : `exchanges sequence ${answer} for ${value}`;
  }

  return {
    start: {
      memory: start,
      writer: [],
      isWriterAlive: true,
      reader: [],
      readsDone: 0,
      accepted: 0,
      refusedTries: 0,
    },
    key: JSON.stringify,
    steps: (state) => [...writerSteps(state), ...readerSteps(state)],
  };
}

/** Transitions each of which changes both words. */
function makeTransitions(arrays: SharedArrays, { protocol, words, transitions }: RowCase): void {
  const clock = new protocol.StateClock(arrays.words, 0, arrays.sequences, 0, "another-thread");
  const [from, to] = words.map((word) => (word % STATES.length) as StateIndex) as [StateIndex, StateIndex];
  for (let made = 1; made <= transitions; made++) {
    if (from === to) clock.enter(from, made);
    else clock.move(from, to, made);
  }
}
