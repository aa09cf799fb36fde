import type { Action, Entity, StageShare, Verdict } from "./verdict.ts";
import { NO_GAIN } from "./what-if.ts";
import { amount, duration, label, percent } from "./words.ts";

export interface RenderOptions {
  /** Emphasis by ANSI escapes, for a terminal. Default false. */
  readonly ansi?: boolean;
  /** Leave out the table of stages. Default false. */
  readonly isBrief?: boolean;
}

/** Longest line, in columns. */
const WIDTH = 100;
/** Where the text of a labelled line begins. */
const INDENT = 7;
/** Longer names are shortened in the table, so that its columns stay in place. */
const NAME_WIDTH = 24;

/** The verdict as text, at most 100 columns wide, ending in a newline. */
export function renderVerdict(verdict: Verdict, options: RenderOptions = {}): string {
  const bold = (text: string): string => (options.ansi === true ? `\u001b[1m${text}\u001b[22m` : text);
  const lines: string[] = [heading(verdict, bold)];
  if (verdict.throughput !== null) lines.push(...labelled("", [throughputLine(verdict)], " "));
  if (verdict.missing.length > 0) lines.push(...labelled("need", verdict.missing, "; "));
  if (verdict.evidence.length > 0)
    lines.push(
      ...labelled(
        "why",
        verdict.evidence.map((finding) => finding.text),
        "; ",
      ),
    );
  if (verdict.ruledOut.length > 0)
    lines.push(
      ...labelled(
        "not",
        verdict.ruledOut.map((row) => row.text),
        " · ",
      ),
    );
  lines.push(...actionLines(verdict));
  if (verdict.blind.length > 0) lines.push(...labelled("blind", verdict.blind, "; "));
  if (verdict.stages.length > 0 && options.isBrief !== true) lines.push("", ...table(verdict.stages));
  return `${lines.join("\n")}\n`;
}

function heading(verdict: Verdict, bold: (text: string) => string): string {
  const { score, level } = verdict.confidence;
  const confidence = verdict.kind === "unsure" ? "" : `confidence ${level} (${score.toFixed(2)})`;
  const left = `${title(verdict)}  `;
  const subject = clipped(printable(headline(verdict)), WIDTH - left.length - confidence.length - 2);
  const gap = Math.max(2, 49 - left.length - subject.length);
  return `${bold(left.trimEnd())}  ${subject}${confidence === "" ? "" : " ".repeat(gap) + confidence}`.trimEnd();
}

function title(verdict: Verdict): string {
  return verdict.kind === "source-limited" ? "NO BOTTLENECK" : verdict.kind.toUpperCase();
}

function headline(verdict: Verdict): string {
  const { entity, stage } = verdict;
  if (entity === null) return verdict.pipeline ?? "nothing recorded";
  if (verdict.kind === "balanced") return verdict.tied.map((one) => named(one.entity, one.stage)).join(" and ");
  if (verdict.kind === "source-limited") {
    return `source-limited by ${entity.name}`;
  }
  return named(entity, stage);
}

function named(entity: Entity, stage: string | null): string {
  if (entity.kind === "workers") return `${entity.name} <- its own workers`;
  if (entity.kind === "sink") return `${entity.name} <- the sink itself`;
  if (entity.kind === "source") return `${entity.name} <- the source itself`;
  if (entity.kind === "in-flight-cap") return `${entity.name} <- its cap on units in flight`;
  const held = stage ?? (entity.kind === "event-loop" ? "outside the stages" : null);
  return held === null ? label(entity) : `${held} <- ${label(entity)}`;
}

function throughputLine(verdict: Verdict): string {
  const { throughput } = verdict;
  if (throughput === null) return "";
  const { perSecond, itemsPerSecond, limitedShare, seconds } = throughput;
  const items =
    itemsPerSecond > 0 && Math.abs(itemsPerSecond - perSecond) > 0.01 * perSecond
      ? ` (${amount(itemsPerSecond)} items/s)`
      : "";
  const limited =
    verdict.kind === "unsure"
      ? `over ${duration(seconds)}`
      : `limited ${percent(limitedShare)} of ${duration(seconds)}`;
  return `throughput ${amount(perSecond)}/s${items} · ${limited}`;
}

function actionLines(verdict: Verdict): string[] {
  const now = verdict.throughput?.perSecond ?? 0;
  const width = Math.max(0, ...verdict.actions.map((action) => action.change.length));
  return verdict.actions.flatMap((action, index) =>
    labelled(
      index === 0 ? "do" : "",
      [`${action.change.padEnd(Math.min(width, 44))}   ${effect(action, now)}`],
      " ",
      true,
    ),
  );
}

function effect(action: Action, now: number): string {
  const { predictedThroughput, low, high, nextLimiter } = action;
  const spread = amount((high - low) / 2);
  const gain = now > 0 ? predictedThroughput / now - 1 : 0;
  const least = action.isLeast === true ? "at least " : "";
  const change = `${amount(now)} -> ${least}${amount(predictedThroughput)} ±${spread}/s`;
  if (gain < NO_GAIN) return `${change}  (no gain)`;
  const next = nextLimiter === null ? "" : `, then ${label(nextLimiter)} limits`;
  return `${change} (+${percent(gain)})${next}`;
}

/** One labelled line, folded at spaces so that nothing passes the width. */
function labelled(name: string, parts: readonly string[], separator: string, keepsSpaces = false): string[] {
  const start = name === "" && !keepsSpaces ? " " : ` ${name}`.padEnd(INDENT);
  const lines: string[] = [];
  let open = start;
  for (const [index, part] of parts.entries()) {
    const piece = printable(part) + (index < parts.length - 1 ? separator.trimEnd() : "");
    const joined = index === 0 ? open + piece : `${open} ${piece}`;
    if (joined.length <= WIDTH) {
      open = joined;
      continue;
    }
    if (index > 0) {
      lines.push(open);
      open = " ".repeat(INDENT);
    }
    open = fold(open + piece, lines);
  }
  return [...lines, open];
}

/** Breaks a text that is too long at its last space, or in a word that has none; returns what is left open. */
function fold(text: string, lines: string[]): string {
  let rest = text;
  while (rest.length > WIDTH) {
    const space = rest.lastIndexOf(" ", WIDTH);
    const at = space > INDENT ? space : WIDTH;
    lines.push(rest.slice(0, at).trimEnd());
    rest = " ".repeat(INDENT) + rest.slice(at).trimStart();
  }
  return rest;
}

function table(stages: readonly StageShare[]): string[] {
  const width = Math.min(NAME_WIDTH, Math.max(5, ...stages.map((stage) => stage.stage.length)));
  const hasWait = stages.some((stage) => stage.wait + stage.use >= 0.005);
  const columns = ["starved", "self", ...(hasWait ? ["wait", "use"] : []), "blocked"] as const;
  const head = ` ${"stage".padEnd(width)}  ${["per s", "workers", ...columns].map((name) => name.padStart(8)).join("")}`;
  const rows = stages.map((stage) => {
    const shares = columns.map((column) => percent(stage[column as "starved"]).padStart(8));
    const rate = amount(stage.perSecond).padStart(8);
    const workers = amount(Math.round(stage.workers * 10) / 10)
      .replace(/\.0+$/, "")
      .padStart(8);
    return ` ${clipped(printable(stage.stage), width).padEnd(width)}  ${rate}${workers}${shares.join("")}`;
  });
  return [head, ...rows];
}

/** Names come from the application: a control character in one must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}
