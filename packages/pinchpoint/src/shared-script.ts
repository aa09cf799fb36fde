import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Script } from "node:vm";

/** Words before the code: whether somebody writes, how often it was written, and where each time, in bytes. */
const IS_BEING_WRITTEN = 0;
const WRITTEN = 1;
const PLACES = 2;
const WORDS_OF_PLACE = 2;
/** What runs when a thread begins, and what has run once it records. */
const MOST_WRITTEN = 2;
const HEADER_WORDS = PLACES + MOST_WRITTEN * WORDS_OF_PLACE;
/** Where V8 reads without a copy. */
const ALIGNMENT = 64;

/** Several times what V8 makes of what records. */
const BYTES = 1024 * 1024;

/** Memory for what a thread has compiled. Its pages cost nothing until they are written. */
export function newCodeMemory(bytes: number = BYTES): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}

/**
 * A script of CommonJS that each of several threads of a process runs for itself, of which one compiles what the others
 * then take over: that is most of what loading it costs.
 */
export class SharedScript<Exports> {
  readonly #file: string;
  readonly #require: NodeJS.Require;
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  #script: Script | null = null;
  #exports: Exports | null = null;

  /**
   * @param file - its path. It imports nothing but by `require`
   * @param memory - of newCodeMemory; the same for all threads
   */
  constructor(file: string, require: NodeJS.Require, memory: SharedArrayBuffer) {
    this.#file = file;
    this.#require = require;
    this.#memory = memory;
    this.#words = new Int32Array(memory, 0, HEADER_WORDS);
  }

  /** How often a thread has written what it had compiled by then, for others: 0, 1 or 2. */
  get written(): number {
    return Atomics.load(this.#words, WRITTEN);
  }

  /**
   * What it exports; loaded when it is asked for first.
   *
   * @throws what the script throws, and where its file cannot be read; asked again, it is tried again
   */
  get exports(): Exports {
    if (this.#exports !== null) return this.#exports;
    const file = this.#file;
    // As Node's own wrapper, in which lines keep their numbers.
    const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "utf8")}\n})`;
    // Not before: a thread that does not record needs no more of Node than the application does.
    const { Script } = this.#require("node:vm") as typeof import("node:vm");
    // What V8 cannot make use of, it compiles anew.
    const script = new Script(source, { filename: file, cachedData: this.#code() });
    const module = { exports: {} };
    script.runInThisContext().call(module.exports, module.exports, this.#require, module, file, dirname(file));
    this.#script = script;
    this.#exports = module.exports as Exports;
    return this.#exports;
  }

  /**
   * Hands on what this thread has compiled, which is the functions that have run until now, beside what was written
   * before: a thread that reads that meanwhile must not see it change.
   *
   * @param times - nothing is done where it has been written as often, as by a thread that began at the same moment
   */
  write(times: 1 | typeof MOST_WRITTEN): void {
    if (this.#script === null || this.written >= times) return;
    if (Atomics.compareExchange(this.#words, IS_BEING_WRITTEN, 0, 1) !== 0) return;
    const { written } = this;
    if (written < times) this.#add(this.#script.createCachedData(), written);
    Atomics.store(this.#words, IS_BEING_WRITTEN, 0);
  }

  #add(code: Uint8Array, written: number): void {
    const { at, length } = this.#placeOf(written - 1);
    const next = Math.ceil((at + length) / ALIGNMENT) * ALIGNMENT;
    if (next + code.length > this.#memory.byteLength) return;
    new Uint8Array(this.#memory, next).set(code);
    this.#words.set([next, code.length], PLACES + written * WORDS_OF_PLACE);
    Atomics.store(this.#words, WRITTEN, written + 1);
  }

  /** @param index - how often it had been written before; -1 for the words themselves */
  #placeOf(index: number): { readonly at: number; readonly length: number } {
    if (index < 0) return { at: 0, length: this.#words.byteLength };
    const [at, length] = this.#words.subarray(PLACES + index * WORDS_OF_PLACE);
    return { at: at as number, length: length as number };
  }

  #code(): Uint8Array | undefined {
    const { written } = this;
    if (written === 0) return undefined;
    const { at, length } = this.#placeOf(written - 1);
    return new Uint8Array(this.#memory, at, length);
  }
}
