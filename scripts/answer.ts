/** What a verdict answers, and what is true of a pinch. */
export interface Answer {
  readonly kind: string;
  readonly entity: { readonly kind: string; readonly name: string } | null;
  readonly stage: string | null;
}

export function answerInWords({ kind, entity, stage }: Answer): string {
  return `${kind}: ${entity === null ? "nothing" : `${entity.kind} ${entity.name}`}, stage ${stage ?? "none"}`;
}

/** @param limiting - the stages whose doubling brings about as much; several are level */
export function truthInWords(expected: Answer, limiting: readonly string[]): string {
  return limiting.length > 1 ? `level: stages ${limiting.join(", ")}` : answerInWords(expected);
}
