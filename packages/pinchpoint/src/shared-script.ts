import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Script } from "node:vm";

/** Words before the code: whose turn it is, and its length in bytes. Then room up to where V8 reads without a copy. */
const STATE = 0;
const LENGTH = 1;
const HEADER_WORDS = 2;
const CODE_AT = 64;

const NOBODYS = 0;
const BEING_WRITTEN = 1;
const WRITTEN = 2;

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

  /** Whether a thread has compiled it for others. */
  get isWritten(): boolean {
    return Atomics.load(this.#words, STATE) === WRITTEN;
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
    // Not before: a thread that records nothing needs no more of Node than the application does.
    const { Script } = this.#require("node:vm") as typeof import("node:vm");
    // What V8 cannot make use of, it compiles anew.
    const script = new Script(source, { filename: file, cachedData: this.#code() });
    const module = { exports: {} };
    script.runInThisContext().call(module.exports, module.exports, this.#require, module, file, dirname(file));
    this.#script = script;
    this.#exports = module.exports as Exports;
    return this.#exports;
  }

  /** Hands on what this thread has compiled, unless another one has: the functions that have run until now. */
  write(): void {
    if (this.#script === null) return;
    if (Atomics.compareExchange(this.#words, STATE, NOBODYS, BEING_WRITTEN) !== NOBODYS) return;
    const code = this.#script.createCachedData();
    if (code.length > this.#memory.byteLength - CODE_AT) return;
    new Uint8Array(this.#memory, CODE_AT).set(code);
    this.#words[LENGTH] = code.length;
    Atomics.store(this.#words, STATE, WRITTEN);
  }

  #code(): Uint8Array | undefined {
    return this.isWritten ? new Uint8Array(this.#memory, CODE_AT, this.#words[LENGTH]) : undefined;
  }
}
