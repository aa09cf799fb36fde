/** What a verdict answers, and what is true of a pinch. */
export interface Answer {
  readonly kind: string;
  readonly entity: { readonly kind: string; readonly name: string } | null;
  readonly stage: string | null;
}

export function answerInWords({ kind, entity, stage }: Answer): string {
  return `${kind}: ${entity === null ? "nothing" : `${entity.kind} ${entity.name}`}, stage ${stage ?? "none"}`;
}
