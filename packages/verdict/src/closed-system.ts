/**
 * How much longer each unit takes when more are under way, because they wait for what they share: mean value analysis of
 * one queue and a delay (Reiser and Lavenberg, "Mean-value analysis of closed multichain queuing networks", 1980). What
 * is shared is not made busier than full by it, and at its knee the operational bound alone promises too much.
 *
 * @param from - units under way now, 1 or more
 * @param to - units under way then
 * @param utilisation - share of the time in which the shared thing is in use now, 0 to 1
 * @returns cycle time of a unit then, as a multiple of now; 1 or more
 */
export function slowdownByQueueing(from: number, to: number, utilisation: number): number {
  const now = Math.max(1, Math.round(from));
  // Time in units of 1 / throughput: a cycle of n units lasts n, of which the shared thing works for its utilisation.
  const elsewhere = Math.max(0, now - utilisation);
  let queue = 0;
  let before = 1;
  let cycle = 1;
  for (let units = 1; units <= Math.round(to); units += 1) {
    const response = utilisation * (1 + queue);
    cycle = elsewhere + response;
    queue = (units * response) / cycle;
    if (units === now) before = cycle;
  }
  return Math.max(1, cycle / before);
}
