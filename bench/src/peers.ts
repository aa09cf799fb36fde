/**
 * A package that we are compared with. They are installed in `bench/` by `npm run bench` alone, so that nothing else in
 * the repository may need them, their types included: each case writes down what it uses of one.
 */
export async function loadPeer<Module>(name: string): Promise<Module> {
  const loaded = (await import(name)) as { readonly default?: unknown };
  // What CommonJS exports, Node finds names in as far as it can; the whole is always there.
  return ("module.exports" in loaded ? { ...(loaded.default as object), ...loaded } : loaded) as Module;
}
