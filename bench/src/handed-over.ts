import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecording, type Recording } from "@pinchpoint/verdict";

/** The files of a process, in the order of their numbers; each begins with a header and has counts since the start. */
const SEGMENT = /^[\w-]+\.(\d+)\.jsonl$/;

/** What the one process with the preload has written into a folder in the end; null where it recorded nothing. */
export function handedOver(folder: string): Recording | null {
  const last = readdirSync(folder)
    .flatMap((name) => {
      const number = SEGMENT.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .toSorted((a, b) => a.number - b.number)
    .at(-1);
  return last === undefined ? null : parseRecording(readFileSync(join(folder, last.name), "utf8"));
}

/** How many items went through a stage in the end; 0 where it is not known. */
export function itemsOf(
  { header, snapshots }: Recording,
  isMeant: (stage: Recording["header"]["stages"][number]) => boolean,
): number {
  const stage = header.stages.find(isMeant);
  const rows = snapshots.at(-1)?.stages.filter((row) => row.stage === stage?.id) ?? [];
  return rows.reduce((sum, { items }) => sum + items, 0);
}
