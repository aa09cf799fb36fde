/** Tells each program how fast the machine is, so that all of them do the same work. */
export const SPIN_VARIABLE = "PINCH_BENCH_SPINS_PER_MICROSECOND";

const SPINS_TO_COMPILE = 20_000_000;

/**
 * Work that only computes: as long as it is told, on any machine, and the same whoever watches. Each step is of 32-bit
 * whole numbers, without a sum: one that may overflow runs three times as fast once the second compiler has had it, and
 * when that is depends on who else was called.
 */
export function spin(spins: number): number {
  let value = 1;
  for (let left = spins | 0; left > 0; left--) {
    value ^= value << 13;
    value ^= value >> 17;
    value ^= value << 5;
  }
  return value;
}

/** @throws Error outside of a program that the benchmark started */
export function spinsOf(microseconds: number): number {
  const spinsPerMicrosecond = Number(process.env[SPIN_VARIABLE]);
  if (!(spinsPerMicrosecond > 0)) throw new Error(`${SPIN_VARIABLE} is not set: programs are started by npm run bench`);
  // Compiled once and for all, before anything is measured.
  spin(SPINS_TO_COMPILE);
  return Math.round(microseconds * spinsPerMicrosecond);
}

/** Spins in a microsecond of CPU time, now, on this machine. */
export function measuredSpinsPerMicrosecond(): number {
  const spins = SPINS_TO_COMPILE;
  const rates = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    spin(spins);
    const { user, system } = process.cpuUsage(before);
    return spins / (user + system);
  });
  return rates.toSorted((a, b) => a - b)[2] as number;
}
