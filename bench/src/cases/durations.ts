/** A power of two, so that walking through them costs a mask. */
const COUNT = 1024;
export const DURATION_MASK: number = COUNT - 1;

/** Milliseconds as stages take them, around one, over two orders of magnitude; the same in every process. */
export function durationsMs(): Float64Array {
  const random = seededRandom(20_260_101);
  return Float64Array.from({ length: COUNT }, () => {
    // Box and Muller (1958).
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.exp(normal);
  });
}

/** Numbers in [0, 1), by Marsaglia's xorshift of 32 bits (2003). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
