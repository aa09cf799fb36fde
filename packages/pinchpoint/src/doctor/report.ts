import type { Finding, Level } from "./finding.ts";

const MARKS: Readonly<Record<Level, string>> = { ok: "ok", note: "note", problem: "PROBLEM" };
const MARK_WIDTH = 9;
const LINE_WIDTH = 100;

/** The findings as a person reads them, and how many of them are problems. At most 100 columns, but for long paths. */
export function reportOf(version: string, findings: readonly Finding[]): string {
  const width = 2 + Math.max(...findings.map(({ about }) => about.length));
  const indent = " ".repeat(1 + MARK_WIDTH + width);
  const lines = findings.flatMap(({ level, about, found, remedy }) => {
    const [first = "", ...rest] = wrapped(found, LINE_WIDTH - indent.length);
    const head = ` ${MARKS[level].padEnd(MARK_WIDTH)}${about.padEnd(width)}${first}`;
    const advice = remedy === null ? [] : wrapped(`-> ${remedy}`, LINE_WIDTH - indent.length);
    return [head, ...[...rest, ...advice].map((line) => `${indent}${line}`)];
  });
  return `pinchpoint ${version} doctor\n\n${lines.join("\n")}\n\n${conclusionOf(findings)}\n`;
}

function conclusionOf(findings: readonly Finding[]): string {
  const problems = findings.filter(({ level }) => level === "problem").length;
  if (problems === 0) return "Nothing is in the way of recording.";
  return `${problems} ${problems === 1 ? "thing is" : "things are"} in the way.`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
