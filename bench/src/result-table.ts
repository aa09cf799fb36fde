import type { CaseResult } from "./case-result.ts";
import { figuresOf } from "./figures.ts";

/** Cases for a terminal, a line for each and one for each of the others that it is compared with. */
export function terminalTable(cases: readonly CaseResult[]): string {
  const rows = cases.map((result) => ({ figures: figuresOf(result), problem: result.problem }));
  const width = Math.max(...rows.map(({ figures }) => figures.name.length));
  return rows
    .flatMap(({ figures, problem }) => [
      `${figures.outcome.padEnd(8)} ${figures.name.padEnd(width)}  ${figures.ours}${figures.target === "—" ? "" : `  [${figures.target}]`}`,
      ...figures.others.map((other) => `${" ".repeat(11)}${other}`),
      ...(problem === null
        ? []
        : problem
            .split("\n")
            .slice(1)
            .map((line) => `${" ".repeat(11)}${line}`)),
    ])
    .join("\n");
}

/** The same for a page, a table for each group. */
export function pageTables(cases: readonly CaseResult[]): string {
  const groups = [...new Set(cases.map(({ group }) => group))];
  return groups
    .flatMap((group) => [
      `### ${group}`,
      "",
      "| Case | Ours (middle half of the rounds) | Others | Target | |",
      "|---|---|---|---|---|",
      ...cases
        .filter((result) => result.group === group)
        .map(figuresOf)
        .map(
          ({ name, ours, others, target, outcome }) =>
            `| ${name} | ${ours} | ${others.join("<br>") || "—"} | ${target} | ${outcome} |`,
        ),
      "",
    ])
    .join("\n")
    .trimEnd();
}
