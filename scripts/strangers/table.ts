import { strangers } from "./all.ts";
import type { Examined, Sameness } from "./examination.ts";

export interface StrangersResult {
  readonly machine: { readonly cores: number; readonly node: string };
  readonly strangers: readonly Examined[];
}

/**
 * The table of what was found, and what people say of it.
 *
 * @throws Error where a stranger was not examined, or nobody has said whether its verdict was right
 */
export function strangersTable({ machine, strangers: examined }: StrangersResult): string {
  const rows = strangers.map(({ name, judged }) => {
    const found = examined.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is not in docs/results/strangers.json: npm run strangers`);
    if (judged === "") throw new Error(`say in its file whether the verdict on ${name} was right`);
    const packages = Object.entries(found.packages).map(([of, version]) => `${of}@${version}`);
    const cells = [
      `**${name}**<br>${packages.join("<br>")}`,
      `${found.kind}, ${found.modules}`,
      sameAs(found),
      found.stages.map(([stage, items]) => `\`${stage}\` ${items.toLocaleString("en-US")}`).join("<br>") || "none",
      verdictsOf(found),
      judged,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| Program | Kind | As bare | Stages, and the items of a run | Verdicts of three runs | Were they right? |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `Node ${machine.node}, ${machine.cores} cores.`,
  ].join("\n");
}

/** Each verdict, and how often it was given where not always. */
function verdictsOf({ verdicts }: Examined): string {
  const told = verdicts.map((verdict) => verdict ?? "none");
  const each = [...new Set(told)].map((one) => [one, told.filter((other) => other === one).length] as const);
  return each.map(([verdict, count]) => (count === told.length ? verdict : `${count} × ${verdict}`)).join("<br>");
}

function sameAs({ preload, run, areStageNamesStable, exit }: Examined): string {
  const ways = { preload, "`pinchpoint run`": run };
  const others = Object.entries(ways).flatMap(([way, sameness]) =>
    differences(sameness).map((what) => `${what} under ${way}`),
  );
  if (!areStageNamesStable) others.push("names of stages");
  return others.length === 0 ? `yes (exit ${exit})` : `other: ${others.join(", ")}`;
}

function differences({ isStdoutSame, isExitSame, areAnswersSame }: Sameness): readonly string[] {
  const facts: readonly (readonly [string, boolean | null])[] = [
    ["stdout", isStdoutSame],
    ["exit", isExitSame],
    ["answers", areAnswersSame],
  ];
  return facts.filter(([, isSame]) => isSame === false).map(([what]) => what);
}
