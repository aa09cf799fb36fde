/**
 * NODE_OPTIONS with one more preload at its end, so that what is there keeps its order.
 *
 * @param present - what NODE_OPTIONS holds, if anything
 * @param path - absolute path of the CommonJS file
 */
export function withPreload(present: string | undefined, path: string): string {
  // Node splits the text at spaces; within quotes a backslash guards quotes and itself.
  const quoted = /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, "\\$&")}"` : path;
  const added = `--require ${quoted}`;
  return present === undefined || present.trim() === "" ? added : `${present} ${added}`;
}
