/** Does something `count` times. */
export type Repeat = (count: number) => void | Promise<void>;

/** What one time of something costs. */
export interface Cost {
  /** CPU time of the whole process, so that garbage collection counts too. */
  readonly nanoseconds: number;
  /** How often it was done in all, warm-up included. */
  readonly times: number;
}

const BATCH_MS = 40;
const BATCHES = 9;
/** Batches that nobody counts: code is compiled meanwhile. */
const WARM_UP = 4;

/** The costs of things that take turns within this process, each the median of its batches. */
export async function costsOf<Name extends string>(
  things: Readonly<Record<Name, Repeat>>,
): Promise<Readonly<Record<Name, Cost>>> {
  const meters = (Object.entries(things) as [Name, Repeat][]).map(([name, repeat]) => ({
    name,
    meter: meterOf(repeat),
  }));
  for (const { meter } of meters) await meter.warmUp();
  for (let batch = 0; batch < BATCHES; batch++) for (const { meter } of meters) await meter.measure();
  return Object.fromEntries(meters.map(({ name, meter }) => [name, meter.cost()])) as Record<Name, Cost>;
}

export async function costOf(repeat: Repeat): Promise<Cost> {
  return (await costsOf({ it: repeat })).it;
}

/** CPU time of this process since it began, all threads, in nanoseconds. */
export function cpuNanoseconds(): number {
  const { user, system } = process.cpuUsage();
  return 1000 * (user + system);
}

interface Meter {
  warmUp(): Promise<void>;
  measure(): Promise<void>;
  cost(): Cost;
}

function meterOf(repeat: Repeat): Meter {
  let count = 100;
  let times = 0;
  const costs: number[] = [];
  /** @returns nanoseconds of a batch */
  const batch = async () => {
    const before = cpuNanoseconds();
    await repeat(count);
    times += count;
    return cpuNanoseconds() - before;
  };
  return {
    warmUp: async () => {
      for (let left = WARM_UP; left > 0; ) {
        const nanoseconds = await batch();
        if (nanoseconds >= BATCH_MS * 1e6) left -= 1;
        else count = Math.ceil(count * Math.min(10, Math.max(1.1, (1.2 * BATCH_MS * 1e6) / Math.max(1, nanoseconds))));
      }
    },
    measure: async () => {
      costs.push((await batch()) / count);
    },
    cost: () => ({ nanoseconds: costs.toSorted((a, b) => a - b)[Math.floor(costs.length / 2)] as number, times }),
  };
}
