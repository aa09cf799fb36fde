/** Who renders /metrics: Pinchpoint itself, or OpenTelemetry's exporter-prometheus. */
export type PageRenderer = "own" | "exporter";

export const PAGE_WANTED = "own, or exporter";

export interface PageSetting {
  readonly renderer: PageRenderer;
  /** What is wrong with the text, as one sentence; null if nothing. */
  readonly problem: string | null;
}

/** @param text - the setting `page` */
export function pageOf(text: string | undefined): PageSetting {
  if (text === undefined || text === "") return { renderer: "own", problem: null };
  if (isRenderer(text)) return { renderer: text, problem: null };
  return { renderer: "own", problem: `page (PINCHPOINT_PAGE) must be ${PAGE_WANTED}, got "${text}".` };
}

export function isRenderer(value: unknown): value is PageRenderer {
  return value === "own" || value === "exporter";
}
