/** `prometheus`: the text format, version 0.0.4; `openmetrics`: version 1.0.0. */
export type PageFormat = "prometheus" | "openmetrics";

/** What a scraper is given. */
export interface Page {
  /** Those that it can be had in, the one first that is given where the scraper has no wish. */
  readonly formats: readonly PageFormat[];
  /**
   * The page, in UTF-8.
   *
   * @throws what collecting throws, or rejects with it
   */
  render(format: PageFormat): Buffer | Promise<Buffer>;
}
