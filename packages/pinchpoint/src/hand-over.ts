import { join } from "node:path";
import { segmentName } from "./segment.ts";

// Not imported: an import makes Node's file streams, which fails where the application has frozen the classes below them.
const { appendFileSync, readdirSync } = process.getBuiltinModule("node:fs");

export interface HandOverOptions {
  /** The parent's private folder. */
  readonly folder: string;
  /** Tells this process from all others that hand over into the folder. */
  readonly key: string;
  /** A segment that would grow beyond this is closed; default 1 MiB. */
  readonly segmentBytes?: number;
  /** Segments that may lie there unread; default 16. */
  readonly segmentCount?: number;
}

/**
 * Hands lines over to another process by files: it writes at once and in place, because a child may be killed at any
 * moment. What lies there is bounded: the reader deletes the segments that it has read, and where nobody reads,
 * nothing is written.
 */
export class HandOver {
  readonly #folder: string;
  readonly #key: string;
  readonly #segmentBytes: number;
  readonly #segmentCount: number;
  #segment = 0;
  #bytes = 0;
  /** The last write may have ended in the middle of a line. */
  #isTorn = false;

  constructor({ folder, key, segmentBytes = 1024 * 1024, segmentCount = 16 }: HandOverOptions) {
    this.#folder = folder;
    this.#key = key;
    this.#segmentBytes = segmentBytes;
    this.#segmentCount = segmentCount;
  }

  /** Whether the next write of `bytes` begins a new segment. */
  begins(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes > this.#segmentBytes;
  }

  /**
   * @param text - whole lines
   * @returns false where they could not be written, or too many segments lie unread
   */
  write(text: string): boolean {
    try {
      const bytes = Buffer.byteLength(text) + 1;
      if (this.#bytes > 0 && this.begins(bytes)) {
        if (this.#unread() >= this.#segmentCount) return false;
        this.#segment += 1;
        this.#bytes = 0;
      }
      this.#bytes += bytes;
      const path = join(this.#folder, segmentName(this.#key, this.#segment));
      appendFileSync(path, this.#isTorn ? `\n${text}` : text, { mode: 0o600 });
      this.#isTorn = false;
      return true;
    } catch {
      this.#isTorn = true;
      return false;
    }
  }

  #unread(): number {
    return readdirSync(this.#folder).filter((name) => name.startsWith(`${this.#key}.`)).length;
  }
}
