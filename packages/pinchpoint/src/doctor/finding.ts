/** How something stands: as it should be, worth knowing, or in the way. */
export type Level = "ok" | "note" | "problem";

/** One thing that `pinchpoint doctor` has looked at. */
export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two. */
  readonly about: string;
  /** What was found. */
  readonly found: string;
  /** What to do about it; null where nothing need be done. */
  readonly remedy: string | null;
}

export function ok(about: string, found: string): Finding {
  return { level: "ok", about, found, remedy: null };
}

export function note(about: string, found: string, remedy: string | null): Finding {
  return { level: "note", about, found, remedy };
}

export function problem(about: string, found: string, remedy: string): Finding {
  return { level: "problem", about, found, remedy };
}
