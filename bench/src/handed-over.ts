import type { Recording } from "@pinchpoint/verdict";
import { HandOverReader } from "../../packages/pinchpoint/src/hand-over-reader.ts";
import { mergeRecordings } from "../../packages/pinchpoint/src/merge.ts";

/** What processes with the preload have written into a folder; null where none recorded anything. */
export function handedOver(folder: string): Recording | null {
  const reader = new HandOverReader(folder);
  reader.collect();
  return mergeRecordings(reader.recordings());
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
