// node ../../scripts/bundle-package.ts [--first NAME] [--alone NAME]… [--shared NAME]… [NAME…], in a package's folder after
// `tsc -b`: its JavaScript in few files.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type Plugin, rolldown } from "rolldown";

const FROM = "dist";
/** Flat, because code looks by relative paths for what it loads late, and knows its own frames by this folder. */
const TO = "lib";

/** Packages that are imported by `import()` and stay apart from what is bundled with all that it imports. */
const LATE: readonly string[] = ["@pinchpoint/otel"];

/**
 * Puts the modules of one package together in `lib`, its own alone: other packages stay imports.
 *
 * @param names - files besides those that are exported: what is loaded by its path (`preload.js`, `bin.cjs`), and what
 *   would be exported from where it does not belong
 * @param first - the file that threads load which have nothing to record yet: what it shares is kept apart from the rest
 * @param alone - files that have all that they import in them, of other packages too, so that to load one is to load one
 *   file; made of the module of that name, as CommonJS
 * @param shared - the same for SharedScript, which can import nothing late
 * @throws Error where a file is loaded by its path that is none of these, or one would export more than its module does
 */
async function bundlePackage(
  names: readonly string[],
  first: string | null,
  alone: readonly string[],
  shared: readonly string[],
): Promise<void> {
  const entries = [...new Set([...exportedFiles(), ...names, ...(first === null ? [] : [first])])];
  const modules = entries.filter((name) => name.endsWith(".js"));
  // They are written to be read by Nodes that are too old for anything that a bundler would make of them.
  const scripts = entries.filter((name) => name.endsWith(".cjs"));
  const paths = new Set(modules.map((name) => join(process.cwd(), FROM, name)));
  const early = new Set<string>();
  const bundle = await rolldown({
    input: Object.fromEntries(modules.map((name) => [basename(name, ".js"), join(FROM, name)])),
    platform: "node",
    external: /^[^./]/,
    // Without it each entry that another one imports is two files.
    preserveEntrySignatures: "allow-extension",
    plugins: [exactExports, ...(first === null ? [] : [reached(join(process.cwd(), FROM, first), early)])],
  });
  const { output } = await bundle.write({
    dir: TO,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    minifyInternalExports: false,
    codeSplitting: {
      // The second: shared by two entries besides the index, which has a part in everything.
      groups: [
        { name: "first", priority: 1, minShareCount: 2, test: (path) => early.has(path) && !paths.has(path) },
        { name: "inner", minShareCount: 3, test: (path) => !paths.has(path) },
      ],
    },
  });
  for (const name of scripts) copyFileSync(join(FROM, name), join(TO, basename(name)));
  for (const name of alone) await bundleAlone(name, LATE);
  for (const name of shared) await bundleAlone(name, []);
  const written = new Set(output.map(({ fileName }) => fileName));
  for (const name of [...scripts, ...alone, ...shared]) written.add(basename(name));
  // Only now: somebody may load the package while it is built.
  for (const name of readdirSync(TO)) if (!written.has(name)) rmSync(join(TO, name), { recursive: true });
  for (const name of written) checkPaths(name);
}

/** @param late - packages that it may import by `import()` */
async function bundleAlone(name: string, late: readonly string[]): Promise<void> {
  const input = join(FROM, name.replace(/cjs$/, "js"));
  const bundle = await rolldown({ input, platform: "node", external: [...LATE], plugins: [uncopied] });
  // Each thread that loads it keeps it as text, with two bytes a character where one of them is not of Latin 1.
  const { output } = await bundle.write({ file: join(TO, name), format: "cjs", comments: false });
  const [{ imports, dynamicImports }] = output;
  const left = [...imports, ...dynamicImports.filter((path) => !late.includes(path))].filter(
    (path) => !isBuiltin(path),
  );
  if (left.length > 0)
    throw new Error(`${name} would load ${left.join(", ")} besides itself: what it imports is not built.`);
}

/** Names in `lib` of what the package exports, `package.json` aside. */
function exportedFiles(): readonly string[] {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as { exports: Record<string, unknown> };
  return Object.values(exports).flatMap((target) => {
    const file = (target as { default?: string }).default;
    return file === undefined ? [] : [basename(file)];
  });
}

/** What two entries share could end up in one of them, and be exported from there under a name of its own. */
const exactExports: Plugin = {
  name: "exact-exports",
  generateBundle(_options, output) {
    for (const chunk of Object.values(output)) {
      if (chunk.type !== "chunk" || !chunk.isEntry || chunk.facadeModuleId === null) continue;
      const own = new Set(this.getModuleInfo(chunk.facadeModuleId)?.exports);
      const more = chunk.exports.filter((name) => !own.has(name));
      if (more.length === 0) continue;
      const names = more.join(", ");
      throw new Error(`${chunk.fileName} would export ${names} too: name the module of it in the build script.`);
    }
  },
};

/** Node's modules that are imported as a whole: a bundler makes a copy of all that each exports, in every thread. */
const uncopied: Plugin = {
  name: "uncopied",
  renderChunk(code, { fileName }) {
    const inheriting = code.replace(/^(\w+) = __toESM\(\1, 1\);$/gm, "$1 = { __proto__: $1, default: $1 };");
    if (/= __toESM\(\w/.test(inheriting)) throw new Error(`${fileName} would copy what a module of Node's exports.`);
    return inheriting;
  },
};

/** Tells which modules a file loads, those that it loads late aside. */
function reached(file: string, modules: Set<string>): Plugin {
  return {
    name: "reached",
    buildEnd() {
      const visit = (path: string) => {
        if (modules.has(path)) return;
        modules.add(path);
        for (const imported of this.getModuleInfo(path)?.importedIds ?? []) visit(imported);
      };
      visit(file);
    },
  };
}

function checkPaths(name: string): void {
  const code = readFileSync(join(TO, name), "utf8");
  for (const [, path] of code.matchAll(/\("(\.\.?\/[^"]+)"/g)) {
    if (existsSync(join(TO, path as string))) continue;
    throw new Error(`${TO}/${name} loads ${path}, which is not there: name it in the package's build script.`);
  }
}

const { values, positionals } = parseArgs({
  options: {
    first: { type: "string" },
    alone: { type: "string", multiple: true },
    shared: { type: "string", multiple: true },
  },
  allowPositionals: true,
});
await bundlePackage(positionals, values.first ?? null, values.alone ?? [], values.shared ?? []);
