/**
 * @typedef {object} Layer
 * @property {readonly string[]} packages - folders in packages/ that it may import, through their exports
 * @property {readonly string[]} npm - names, or beginnings of names that end in "*", that it may import
 * @property {boolean} isNodeAllowed - false: it must also run in a browser
 */

/**
 * The arrows of the package table in docs/ARCHITECTURE.md; all rules are made from it.
 * A package may name only packages above it in this list, so that no cycle between packages can be written down.
 *
 * @type {Readonly<Record<string, Layer>>}
 */
export const layers = {
  sketch: { packages: [], npm: [], isNodeAllowed: false },
  verdict: { packages: ["sketch"], npm: [], isNodeAllowed: false },
  probe: { packages: ["sketch"], npm: ["@opentelemetry/api"], isNodeAllowed: true },
  streams: { packages: ["probe"], npm: [], isNodeAllowed: true },
  machine: { packages: ["probe"], npm: [], isNodeAllowed: true },
  pools: { packages: ["probe"], npm: ["piscina"], isNodeAllowed: true },
  platform: { packages: ["probe"], npm: [], isNodeAllowed: true },
  otel: {
    packages: ["probe"],
    npm: ["@opentelemetry/api", "@opentelemetry/sdk-*", "@opentelemetry/exporter-*", "@opentelemetry/resources"],
    isNodeAllowed: true,
  },
  pinchpoint: {
    packages: ["sketch", "verdict", "probe", "streams", "machine", "pools", "platform", "otel"],
    npm: ["@opentelemetry/api"],
    isNodeAllowed: true,
  },
};

/** @param {string} name */
const packageName = (name) => (name === "pinchpoint" ? name : `@pinchpoint/${name}`);

/** @param {string} name */
const escaped = (name) => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * Matches a module of that npm package, also when it is not installed and so keeps its bare name.
 *
 * @param {string} name - may end in "*"
 */
const npmPattern = (name) =>
  `(?:^|node_modules/)${name.endsWith("*") ? `${escaped(name.slice(0, -1))}[^/]*` : escaped(name)}(?:/|$)`;

/**
 * @param {string} name - folder in packages/
 * @param {Layer} layer
 * @returns {import("dependency-cruiser").IForbiddenRuleType[]}
 */
function layerRules(name, layer) {
  const from = { path: `^packages/${name}/src/` };
  const allowed = [name, ...layer.packages].map(escaped).join("|");
  /** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
  const rules = [
    {
      name: `${name}-imports-only-what-lies-below`,
      comment: `${packageName(name)} may import ${layer.packages.map(packageName).join(", ") || "no other package"}.`,
      severity: "error",
      from,
      to: { path: `^packages/(?!(?:${allowed})/)` },
    },
    {
      name: `${name}-imports-only-its-libraries`,
      comment: `${packageName(name)} may import ${layer.npm.join(", ") || "nothing"} from npm, and nothing outside packages/.`,
      severity: "error",
      from,
      to: {
        path: "^(?!packages/|\\.)",
        // A neighbour that is not built yet keeps its bare name; the arrows are judged by the rule above.
        pathNot: [...layer.npm.map(npmPattern), ...layer.packages.map((below) => npmPattern(packageName(below)))],
        dependencyTypesNot: ["core"],
      },
    },
  ];
  if (!layer.isNodeAllowed) {
    rules.push({
      name: `${name}-runs-without-node`,
      comment: `${packageName(name)} must also run in a browser.`,
      severity: "error",
      from,
      to: { dependencyTypes: ["core"] },
    });
  }
  return rules;
}

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(layers).flatMap(([name, layer]) => layerRules(name, layer)),
    {
      name: "no-cycle",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "package-internals-stay-inside",
      comment: "Import another package by its name: only what its exports list can be relied on.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/(?!$1/)[^/]+/", dependencyTypes: ["local"] },
    },
    {
      name: "package-internals-stay-inside-packages",
      comment: "Import a package by its name: only what its exports list can be relied on.",
      severity: "error",
      from: { path: "^(?!packages/)" },
      // By its name a package leads to its lib; the root lists no workspace, so the kind of import tells nothing here.
      to: { path: "^packages/[^/]+/(?!lib/)" },
    },
    {
      name: "example-is-ordinary-code",
      comment:
        "An example shows that an application needs not one line of Pinchpoint; explicit-main.ts shows the lines.",
      severity: "error",
      from: { path: "^examples/", pathNot: "^examples/[^/]+/src/explicit-main\\.ts$" },
      to: { path: ["^packages/", npmPattern("pinchpoint"), "(?:^|node_modules/)@pinchpoint/"] },
    },
    {
      name: "example-runs-without-pinchpoint",
      comment: "What declares stages by hand is an entry of its own.",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^examples/[^/]+/src/explicit-main\\.ts$" },
    },
    {
      name: "source-needs-no-test",
      severity: "error",
      from: { path: "^(?:packages|examples)/[^/]+/src/" },
      to: { path: ["/test/", "^tests/", "\\.test\\.ts$"] },
    },
    {
      name: "no-orphan",
      comment: "Nothing imports this file and it imports nothing: delete it or use it.",
      severity: "error",
      from: { orphan: true, path: "^packages/[^/]+/src/", pathNot: "/src/(?:index|register|bin)\\.c?ts$" },
      to: {},
    },
    {
      name: "not-resolvable",
      comment: "The module is not installed, not built, or not listed in its package's exports.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // lib is what a package's name resolves to; it is followed no further, because src is what we judge.
    doNotFollow: { path: ["node_modules", "^packages/[^/]+/(?:dist|lib)/"] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
      mainFields: ["main"],
    },
  },
};
