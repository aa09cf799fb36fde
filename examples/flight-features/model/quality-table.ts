import { readFile } from "node:fs/promises";

interface Scores {
  readonly auc: number;
  readonly logLoss: number;
  readonly brier: number;
}

/** What `train.py` writes about the model. */
export interface Quality {
  readonly sha256: string;
  readonly features: readonly string[];
  readonly training: { readonly months: string; readonly flights: number; readonly lateRate: number };
  readonly heldOut: { readonly months: string; readonly flights: number; readonly lateRate: number };
  readonly quality: Readonly<Record<string, Scores>>;
  readonly golden: readonly { readonly features: readonly number[]; readonly lateProbability: number }[];
}

export const qualityFile: URL = new URL("quality.json", import.meta.url);
export const readmeFile: URL = new URL("../README.md", import.meta.url);

export async function readQuality(): Promise<Quality> {
  return JSON.parse(await readFile(qualityFile, "utf8"));
}

const start = "<!-- quality: written by model/update-readme.ts -->\n";
const end = "<!-- end of quality -->\n";

/** The README's text with the table of this quality in its place. */
export function withQualityTable(readme: string, quality: Quality): string {
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error("README.md has lost the marks of its quality table");
  return `${readme.slice(0, from + start.length)}\n${qualityTable(quality)}\n${readme.slice(to)}`;
}

function qualityTable({ quality, heldOut, training }: Quality): string {
  const count = new Intl.NumberFormat("en-US");
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = Object.entries(quality).map(
    ([name, { auc, logLoss, brier }]) =>
      `| ${name} | ${auc.toFixed(4)} | ${logLoss.toFixed(4)} | ${brier.toFixed(4)} |`,
  );
  return [
    `Trained on ${training.months} (${count.format(training.flights)} flights, ${percent(training.lateRate)} late), ` +
      `judged on ${heldOut.months} (${count.format(heldOut.flights)} flights, ${percent(heldOut.lateRate)} late):`,
    "",
    "| Prediction | AUC | log loss | Brier |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
