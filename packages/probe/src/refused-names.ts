/** Names that are told apart; of further ones each attempt counts. */
const MOST_NAMES = 16_384;

/** What found no room, each counted once, in memory that is bounded whatever comes. */
export class RefusedNames {
  readonly #hashes = new Set<number>();

  /** @returns whether it counts: it has not been refused before, as far as that is known */
  add(name: string): boolean {
    const hash = hashOf(name);
    if (this.#hashes.has(hash)) return false;
    if (this.#hashes.size < MOST_NAMES) this.#hashes.add(hash);
    return true;
  }
}

/** FNV-1a (Fowler, Noll and Vo 1991), 32 bits: of as many names as are kept some three share one. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
