import type { PageFormat } from "./page.ts";

/** What a header of preferences lists (RFC 9110, 12.4.2): tokens with their parameters and weights. */
interface Preference {
  readonly token: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 = not wanted. */
  readonly weight: number;
}

/** Longer headers are not read to their end: nobody has that many wishes. */
const MOST_PREFERENCES = 32;

const CONTENT_TYPES: Readonly<Record<PageFormat, string>> = {
  // Without its version Prometheus 3 has to guess.
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

export function contentType(format: PageFormat): string {
  return CONTENT_TYPES[format];
}

/**
 * The format that a scraper likes best, by its header `Accept`; the first one where it has no wish that can be met, as
 * everything that speaks this protocol gives.
 *
 * @param formats - those that there are, at least one
 */
export function chosenFormat(accept: string | undefined, formats: readonly PageFormat[]): PageFormat {
  const preferences = preferencesOf(accept);
  let best: { readonly format: PageFormat; readonly weight: number; readonly exactness: number } | null = null;
  for (const format of formats) {
    const match = matchOf(format, preferences);
    if (match === null || match.weight === 0) continue;
    const isBetter = best === null || match.weight > best.weight;
    const isMoreExact = best !== null && match.weight === best.weight && match.exactness > best.exactness;
    if (isBetter || isMoreExact) best = { format, ...match };
  }
  return best?.format ?? (formats[0] as PageFormat);
}

/** Whether whoever asks wants gzip, by its header `Accept-Encoding`, and at least as much as no compression at all. */
export function wantsGzip(acceptEncoding: string | undefined): boolean {
  const preferences = preferencesOf(acceptEncoding);
  const weightOf = (token: string) => preferences.find((preference) => preference.token === token)?.weight;
  const weight = weightOf("gzip") ?? weightOf("x-gzip") ?? weightOf("*") ?? 0;
  return weight > 0 && weight >= (weightOf("identity") ?? 0);
}

/** The wish that names a format most exactly decides about it (RFC 9110, 12.5.1). */
function matchOf(
  format: PageFormat,
  preferences: readonly Preference[],
): { readonly weight: number; readonly exactness: number } | null {
  let best: { readonly weight: number; readonly exactness: number } | null = null;
  for (const preference of preferences) {
    const exactness = exactnessOf(format, preference);
    if (exactness > 0 && exactness > (best?.exactness ?? 0)) best = { weight: preference.weight, exactness };
  }
  return best;
}

/** 0 where it does not name the format at all. */
function exactnessOf(format: PageFormat, { token, parameters }: Preference): number {
  const [type, version] =
    format === "openmetrics" ? ["application/openmetrics-text", "1.0.0"] : ["text/plain", "0.0.4"];
  if (token === "*/*") return 1;
  if (token === `${type.split("/", 1)[0]}/*`) return 2;
  if (token !== type) return 0;
  const wanted = parameters.get("version");
  if (wanted === undefined) return 3;
  return wanted === version ? 4 : 0;
}

function preferencesOf(header: string | undefined): readonly Preference[] {
  return (header ?? "").split(",", MOST_PREFERENCES).map(preferenceOf);
}

function preferenceOf(text: string): Preference {
  const [token = "", ...rest] = text.split(";").map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part) => {
      const [name = "", value = ""] = part.split("=", 2);
      return [name.trim(), value.trim().replace(/^"(.*)"$/, "$1")] as const;
    }),
  );
  const given = parameters.get("q");
  const weight = given === undefined ? 1 : Number(given);
  // A weight that is none is no wish.
  return { token, parameters, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}
