// Every double is a whole multiple of 2^-1074, so a sum of doubles is one long whole number. It is kept in limbs of 32
// bits, each a double with room above, so that carrying can wait for many additions (Kulisch's long accumulator).
const LIMB = 2 ** 32;

// 2,098 bits for the greatest double, 53 more for as many of them as can be counted, and a signed rest on top.
const LIMB_COUNT = 68;

/** The longest sum in bits; a sum that claims to be longer is none of ours. */
export const MAX_SUM_BITS: number = LIMB_COUNT * 32;

// A limb moves by less than 2^32 per addition; 2^20 of them stay exact below 2^53.
const ADDITIONS_BEFORE_CARRY = 2 ** 20;

const DOUBLE: Float64Array = /* @__PURE__ */ new Float64Array([1]);
const WORDS: Uint32Array = /* @__PURE__ */ new Uint32Array(DOUBLE.buffer);
const HIGH_WORD: number = WORDS[1] === 0 ? 0 : 1;
const LOW_WORD: number = 1 - HIGH_WORD;

/**
 * A sum of finite doubles without rounding or overflow, so that it is the same in every order and grouping: float
 * addition is not associative, and a sum that depends on the order in which threads are merged breaks the merge laws.
 */
export class ExactSum {
  readonly #limbs: Float64Array = new Float64Array(LIMB_COUNT);
  #additions = 0;

  /** @param units - a whole number of 2^-1074 */
  static fromUnits(units: bigint): ExactSum {
    const sum = new ExactSum();
    let rest = units;
    for (let limb = 0; limb < LIMB_COUNT - 1 && rest !== 0n; limb += 1) {
      sum.#limbs[limb] = Number(BigInt.asUintN(32, rest));
      rest >>= 32n;
    }
    sum.#limbs[LIMB_COUNT - 1] = Number(rest);
    return sum;
  }

  /** Adds `value` (finite) `times` over (a safe whole number > 0). */
  add(value: number, times: number): void {
    if (times < ADDITIONS_BEFORE_CARRY) {
      this.#addShifted(value, 0, times);
      return;
    }
    let rest = times;
    for (let shift = 0; rest > 0; shift += 20) {
      const digit = rest % ADDITIONS_BEFORE_CARRY;
      if (digit > 0) this.#addShifted(value, shift, digit);
      rest = Math.floor(rest / ADDITIONS_BEFORE_CARRY);
    }
  }

  mergeFrom(other: ExactSum): void {
    this.#carry();
    for (let limb = 0; limb < LIMB_COUNT; limb += 1) {
      this.#limbs[limb] = (this.#limbs[limb] as number) + (other.#limbs[limb] as number);
    }
    this.#carry();
  }

  copy(): ExactSum {
    const copy = new ExactSum();
    copy.mergeFrom(this);
    return copy;
  }

  /** The exact sum as a whole number of 2^-1074. */
  get units(): bigint {
    this.#carry();
    let units = 0n;
    for (let limb = LIMB_COUNT - 1; limb >= 0; limb -= 1) units = (units << 32n) + BigInt(this.#limbs[limb] as number);
    return units;
  }

  /** The double nearest to the exact sum, ties to even; ±Infinity where it is beyond every double. */
  get value(): number {
    const units = this.units;
    const magnitude = units < 0n ? -units : units;
    // 64 bits and one that says whether anything was cut off are enough for Number() to round correctly.
    const cut = Math.max(0, magnitude.toString(16).length * 4 - 64);
    const kept = magnitude >> BigInt(cut);
    const sticky = kept << BigInt(cut) === magnitude ? 0n : 1n;
    const rounded = Number(kept | sticky) * 2 ** (cut - 1074);
    return units < 0n ? -rounded : rounded;
  }

  /** Adds value · 2^shift `times` over; `times` < ADDITIONS_BEFORE_CARRY. */
  #addShifted(value: number, shift: number, times: number): void {
    if (this.#additions + times > ADDITIONS_BEFORE_CARRY) this.#carry();
    this.#additions += times;
    DOUBLE[0] = value;
    const high = WORDS[HIGH_WORD] as number;
    const low = WORDS[LOW_WORD] as number;
    const exponent = (high >>> 20) & 0x7ff;
    const top = exponent === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000;
    const position = (exponent === 0 ? 0 : exponent - 1) + shift;
    const limb = position >>> 5;
    const offset = position & 31;
    const signed = value < 0 ? -times : times;
    // `>>> 1 >>> (31 - offset)`: JavaScript shifts by a count modulo 32, and offset may be 0.
    this.#addTo(limb, ((low << offset) >>> 0) * signed);
    this.#addTo(limb + 1, (((top << offset) | ((low >>> 1) >>> (31 - offset))) >>> 0) * signed);
    this.#addTo(limb + 2, ((top >>> 1) >>> (31 - offset)) * signed);
  }

  #addTo(limb: number, amount: number): void {
    this.#limbs[limb] = (this.#limbs[limb] as number) + amount;
  }

  /** Leaves every limb but the topmost, which carries the sign, in [0, 2^32): one form for each sum. */
  #carry(): void {
    for (let limb = 0; limb < LIMB_COUNT - 1; limb += 1) {
      const amount = this.#limbs[limb] as number;
      const carried = Math.floor(amount / LIMB);
      this.#limbs[limb] = amount - carried * LIMB;
      this.#addTo(limb + 1, carried);
    }
    this.#additions = 0;
  }
}
