import type { StageRecorder } from "@pinchpoint/probe";

/**
 * What joins at one place of the code, after all that feeds it: the steps from the beginning of a pipeline are call sites
 * and names. Streams that are made again, as for each request, come to the same place by the same steps, so that their
 * stage is found again without its name.
 */
export class Place {
  /** null where nothing is observed: it lets nothing be changed, or the recorder has no room for it. */
  readonly stage: StageRecorder | null;
  readonly #next = new Map<string, Map<string, Place>>();

  constructor(stage: StageRecorder | null) {
    this.stage = stage;
  }

  /** What `name` is that joins this at `site`; undefined where it is not known. */
  at(site: string, name: string): Place | undefined {
    return this.#next.get(site)?.get(name);
  }

  remember(site: string, name: string, place: Place): void {
    const ofSite = this.#next.get(site);
    if (ofSite === undefined) this.#next.set(site, new Map([[name, place]]));
    else ofSite.set(name, place);
  }
}
