// The grid of OpenTelemetry's exponential histogram in exact whole numbers, as an oracle for the code that uses bits.

const UNIT_EXPONENT = -1074;

/** floor of the square root. */
function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** floor(2^(numerator / 2^scale)), exact: floors of nested roots are the floor of the whole root. */
export function powerOfTwoFloor(numerator: bigint, scale: number): bigint {
  let power = 1n << numerator;
  for (let step = 0; step < scale; step += 1) power = squareRoot(power);
  return power;
}

/** A positive double as whole · 2^-1074. */
export function unitsOf(value: number): bigint {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0] as bigint;
  const exponent = bits >> 52n;
  const mantissa = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? mantissa : (mantissa | (1n << 52n)) << (exponent - 1n);
}

/** The double that follows a positive one. */
export function nextUp(value: number): number {
  const view = new Float64Array([value]);
  const bits = new BigUint64Array(view.buffer);
  bits[0] = (bits[0] as bigint) + 1n;
  return view[0] as number;
}

/**
 * The bucket of a positive double by the definition: the greatest i with base^i < value. For scale s > 0 that is
 * 2^i < value^(2^s), which needs nothing but the bit length of a whole number.
 */
export function exactIndex(value: number, scale: number): number {
  let units = unitsOf(value);
  let exponent = UNIT_EXPONENT;
  while ((units & 1n) === 0n) {
    units >>= 1n;
    exponent += 1;
  }
  const power = 2 ** Math.max(0, scale);
  const raised = units ** BigInt(power) - 1n;
  const bitLength = raised === 0n ? 0 : raised.toString(2).length;
  const below = bitLength + exponent * power - 1;
  return Math.floor(below / 2 ** Math.max(0, -scale));
}
