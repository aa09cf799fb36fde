import { ENVIRONMENT } from "./environment.ts";
import { INTEGRATIONS, type IntegrationName, isIntegration } from "./integration-names.ts";

export interface Included {
  /** All of them where the text makes no sense. */
  readonly names: ReadonlySet<IntegrationName>;
  /** What is wrong with the text, as one sentence; null if nothing. */
  readonly problem: string | null;
}

/** @param text - of the setting `include`, names with commas between them; nothing for all */
export function includedBy(text: string | undefined): Included {
  const all = new Set(INTEGRATIONS);
  if (text === undefined) return { names: all, problem: null };
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const stranger = names.find((name) => !isIntegration(name));
  if (stranger === undefined) return { names: new Set(names.filter(isIntegration)), problem: null };
  const known = INTEGRATIONS.join(", ");
  return { names: all, problem: `include (${ENVIRONMENT.include}): there is no "${stranger}"; there are ${known}.` };
}
