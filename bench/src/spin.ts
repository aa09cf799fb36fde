/** Tells each program how fast the machine is, so that all of them do the same work. */
export const SPIN_VARIABLE = "PINCH_BENCH_SPINS_PER_MICROSECOND";

/** Work that only computes: as long as it is told, on any machine, and the same whoever watches. */
export function spin(spins: number): number {
  let value = 1;
  for (let left = spins; left > 0; left--) value = (Math.imul(value, 1_103_515_245) + 12_345) | 0;
  return value;
}

/** @throws Error outside of a program that the benchmark started */
export function spinsOf(microseconds: number): number {
  const spinsPerMicrosecond = Number(process.env[SPIN_VARIABLE]);
  if (!(spinsPerMicrosecond > 0)) throw new Error(`${SPIN_VARIABLE} is not set: programs are started by npm run bench`);
  return Math.round(microseconds * spinsPerMicrosecond);
}

/** Spins in a microsecond of CPU time, now, on this machine. */
export function measuredSpinsPerMicrosecond(): number {
  const spins = 20_000_000;
  const rates = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    spin(spins);
    const { user, system } = process.cpuUsage(before);
    return spins / (user + system);
  });
  return rates.toSorted((a, b) => a - b)[2] as number;
}
