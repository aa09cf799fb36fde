import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Mergeable } from "../src/mergeable.ts";

/** One call of `record`. */
export interface Recorded {
  readonly value: number;
  readonly times: number;
}

export interface LawAbiding<T extends Mergeable<T>> {
  readonly empty: () => T;
  readonly record: (sketch: T, recorded: Recorded) => void;
  /** Throws unless both say the same of `all` values; bit for bit, or up to the rounding that the sketch states. */
  readonly expectSame: (actual: T, expected: T, all: readonly Recorded[]) => void;
}

const SMALLEST_NORMAL = 2 ** -1022;

/** Values on which merges have gone wrong before: of either sign, at the ends of the range, on bucket bounds. */
export const NASTY_VALUES: readonly number[] = [
  0,
  Number.NaN,
  ...[1, 2, 0.5, 1.0000000000000002, 0.1, 1e-9, 3600, 1e150, 2 ** 480, 1e300, 2 ** 1023, Number.MAX_VALUE].flatMap(
    bothSigns,
  ),
  ...[Number.MIN_VALUE, 3 * Number.MIN_VALUE, SMALLEST_NORMAL, SMALLEST_NORMAL / 3].flatMap(bothSigns),
  ...bothSigns(Number.POSITIVE_INFINITY),
  -0,
];

function bothSigns(value: number): number[] {
  return [value, -value];
}

const values = fc.oneof(
  fc.constantFrom(...NASTY_VALUES),
  fc.double(),
  fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
  fc.double({ min: -2, max: 2, noNaN: true }),
);

export const recordings: fc.Arbitrary<Recorded[]> = fc.array(
  fc.record({
    value: values,
    times: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constant(2 ** 41 + 1)),
  }),
  { maxLength: 40 },
);

/** The one suite of merge laws, which every sketch passes. */
export function describeMergeLaws<T extends Mergeable<T>>(name: string, sketch: LawAbiding<T>): void {
  const of = (...parts: readonly (readonly Recorded[])[]): T => {
    const made = sketch.empty();
    for (const recorded of parts.flat()) sketch.record(made, recorded);
    return made;
  };
  const merged = (a: T, b: T): T => {
    const made = a.copy();
    made.mergeFrom(b);
    return made;
  };
  const everyNasty = NASTY_VALUES.map((value) => ({ value, times: 1 }));
  const forAll = (law: (a: readonly Recorded[], b: readonly Recorded[], c: readonly Recorded[]) => void): void => {
    // Each nasty value against each other one, and then whatever fast-check thinks of.
    for (const a of everyNasty) for (const b of everyNasty) law([a], [b], [a, b]);
    law(everyNasty, [], everyNasty);
    fc.assert(
      fc.property(recordings, recordings, recordings, (a, b, c) => law(a, b, c)),
      { numRuns: 200 },
    );
  };

  describe(`merge laws of ${name}`, () => {
    test("an empty sketch changes nothing, from either side", () => {
      forAll((a) => {
        sketch.expectSame(merged(of(a), sketch.empty()), of(a), a);
        sketch.expectSame(merged(sketch.empty(), of(a)), of(a), a);
      });
    });

    test("the grouping of merges does not matter", () => {
      forAll((a, b, c) => {
        const left = merged(merged(of(a), of(b)), of(c));
        sketch.expectSame(left, merged(of(a), merged(of(b), of(c))), [...a, ...b, ...c]);
      });
    });

    test("the order of merges does not matter", () => {
      forAll((a, b) => sketch.expectSame(merged(of(a), of(b)), merged(of(b), of(a)), [...a, ...b]));
    });

    test("merging equals recording both", () => {
      forAll((a, b) => sketch.expectSame(merged(of(a), of(b)), of(a, b), [...a, ...b]));
    });

    test("merging values dealt out to many sketches, one each and in reverse, equals recording them all", () => {
      forAll((a, b) => {
        const total = sketch.empty();
        for (const recorded of [...a, ...b].reverse()) total.mergeFrom(of([recorded]));
        sketch.expectSame(total, of(a, b), [...a, ...b]);
      });
    });

    test("a sketch merged with itself equals one merged with its copy", () => {
      forAll((a) => {
        const itself = of(a);
        itself.mergeFrom(itself);
        sketch.expectSame(itself, merged(of(a), of(a)), [...a, ...a]);
      });
    });

    test("what is merged from, and what was copied, stays as it is", () => {
      forAll((a, b) => {
        const source = of(b);
        const original = of(a);
        const copy = original.copy();
        copy.mergeFrom(source);
        sketch.record(copy, { value: 7, times: 3 });
        sketch.expectSame(source, of(b), b);
        sketch.expectSame(original, of(a), a);
      });
    });

    test("it is empty exactly until something was recorded or refused", () => {
      expect(sketch.empty().isEmpty).toBe(true);
      for (const recorded of everyNasty) {
        expect(of([recorded]).isEmpty, String(recorded.value)).toBe(false);
        expect(merged(sketch.empty(), of([recorded])).isEmpty, String(recorded.value)).toBe(false);
      }
    });
  });
}
