/** Random bytes are asked for in this many at once. */
const POOL_BYTES = 4096;

/**
 * Ids of traces and spans. From the system's own source and not from `Math.random`, whose sequence an application may
 * have made its own.
 */
export class SpanIds {
  readonly #fill: (bytes: Uint8Array) => unknown;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #at = POOL_BYTES;

  /** @param fill - fills the bytes at random; default: the system's source */
  constructor(fill: (bytes: Uint8Array) => unknown = systemRandom) {
    this.#fill = fill;
  }

  /** 32 hexadecimal digits. */
  traceId(): string {
    return this.#hex(16);
  }

  /** 16 hexadecimal digits. */
  spanId(): string {
    return this.#hex(8);
  }

  #hex(length: number): string {
    if (this.#at + length > POOL_BYTES) {
      this.#fill(this.#pool);
      this.#at = 0;
    }
    const bytes = this.#pool.subarray(this.#at, this.#at + length);
    this.#at += length;
    // An id of nothing but 0 is none.
    if (bytes.every((byte) => byte === 0)) return this.#hex(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("hex");
  }
}

function systemRandom(bytes: Uint8Array): void {
  process.getBuiltinModule("node:crypto").randomFillSync(bytes);
}
