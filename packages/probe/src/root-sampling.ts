/**
 * Which share of the traces that a thread begins is kept, as the standard variables say. A sampler that is not known here
 * keeps them all.
 *
 * @param sampler - OTEL_TRACES_SAMPLER
 * @param argument - OTEL_TRACES_SAMPLER_ARG
 * @returns 0 to 1
 */
export function rootShareOf(sampler: string | undefined, argument: string | undefined): number {
  const name = (sampler ?? "").replace(/^parentbased_/, "");
  if (name === "always_off") return 0;
  const ratio = Number(argument || "1");
  return name === "traceidratio" && ratio >= 0 && ratio <= 1 ? ratio : 1;
}

/**
 * Whether a trace of that id is kept: by the same rule as the SDK's TraceIdRatioBasedSampler, so that the main thread,
 * which is asked again when it exports, does not drop the first span of a trace whose others it keeps.
 */
export function isKept(traceId: string, share: number): boolean {
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0;
  return share >= 1 || folded < Math.floor(share * 0xff_ff_ff_ff);
}
