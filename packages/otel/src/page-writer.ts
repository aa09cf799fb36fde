const LINE_FEED = 10;
const DIGIT_0 = 48;
/** The longest text of a number: -1.2345678901234567e-100. */
const MOST_NUMBER_BYTES = 32;

/**
 * Writes a page as bytes, because strings that are put together of half a million lines cost ten times as much, nearly
 * all of it for the garbage of their parts.
 */
export class PageWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param expectedBytes - about how much will be written; more is taken as needed */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(1024, expectedBytes));
  }

  /** What was written; the writer is not to be used any more. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What is the same at each rendering, as bytes that are kept. */
  bytes(part: Uint8Array): void {
    this.#reserve(part.length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
  }

  text(part: string): void {
    this.bytes(Buffer.from(part));
  }

  /** As both formats want numbers: those of JavaScript, but for the infinite ones. */
  number(value: number): void {
    this.#reserve(MOST_NUMBER_BYTES);
    // -0 is 0 here, as it is in JavaScript's text.
    if (Number.isSafeInteger(value) && value >= 0) this.#digits(value);
    else this.#characters(numberText(value));
  }

  endLine(): void {
    this.#reserve(1);
    this.#bytes[this.#length] = LINE_FEED;
    this.#length += 1;
  }

  #digits(value: number): void {
    const bytes = this.#bytes;
    let count = 1;
    for (let power = 10; power <= value; power *= 10) count += 1;
    const end = this.#length + count;
    let rest = value;
    for (let at = end - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      bytes[at] = DIGIT_0 + (rest - next * 10);
      rest = next;
    }
    this.#length = end;
  }

  #characters(text: string): void {
    for (let at = 0; at < text.length; at++) this.#bytes[this.#length + at] = text.charCodeAt(at);
    this.#length += text.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}
