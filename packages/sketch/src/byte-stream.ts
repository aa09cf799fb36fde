import { SketchError } from "./sketch-error.ts";

/** Writes what ByteReader reads. Whole numbers are LEB128: seven bits a byte, least significant first. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  byte(value: number): void {
    this.#bytes.push(value);
  }

  /** @param value - a safe whole number >= 0 */
  count(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }

  /** @param value - a whole number; small magnitudes of either sign stay short */
  integer(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    for (let at = 0; at < 8; at += 1) this.#bytes.push(view.getUint8(at));
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Reads what ByteWriter wrote, and refuses every other spelling of the same content. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) {
      throw new SketchError(
        "SKETCH_TRUNCATED_BYTES",
        `the ${this.#bytes.length} bytes given end in the middle of a sketch; pass all that encode returned`,
      );
    }
    this.#at += 1;
    return byte;
  }

  count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (value > Number.MAX_SAFE_INTEGER) this.damaged("a count beyond 2^53 - 1");
      if (byte >= 128) continue;
      if (byte === 0 && factor > 1) this.damaged("a count with a superfluous byte");
      return value;
    }
  }

  integer(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(): number {
    const view = new DataView(new ArrayBuffer(8));
    for (let at = 0; at < 8; at += 1) view.setUint8(at, this.byte());
    return view.getFloat64(0, true);
  }

  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) this.damaged(`${rest} more bytes than the sketch has`);
  }

  damaged(found: string): never {
    throw new SketchError(
      "SKETCH_DAMAGED_BYTES",
      `the bytes are damaged: found ${found} before byte ${this.#at} of ${this.#bytes.length}`,
    );
  }
}
