import { TEXT_BYTES } from "./slab.ts";
import type { Attributes, ResourceKind, StageRole } from "./snapshot.ts";

/** What a row of a slab stands for; written once, as JSON, when the row is opened. */
export type RowDefinition =
  | {
      readonly kind: "stage";
      readonly pipeline: string;
      readonly name: string;
      readonly role: StageRole;
      readonly workers: number | null;
      readonly attributes: Attributes;
    }
  | {
      readonly kind: "resource";
      readonly pipeline: string;
      readonly name: string;
      readonly resourceKind: ResourceKind;
      /** Row of the stage that uses it, on the same slab. */
      readonly stage: number;
    };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Rows with one key are one row of a thread. */
export function rowKey(definition: RowDefinition): string {
  const { pipeline, name } = definition;
  return JSON.stringify(definition.kind === "stage" ? [pipeline, name] : [pipeline, name, definition.stage]);
}

/** UTF-8 JSON; null where it does not fit into a row. */
export function encodeRow(definition: RowDefinition): Uint8Array | null {
  const bytes = encoder.encode(JSON.stringify(definition));
  return bytes.length <= TEXT_BYTES ? bytes : null;
}

/** The same row with less to say, for where the whole does not fit; null where nothing can be left out. */
export function shorterRow(definition: RowDefinition): RowDefinition | null {
  if (definition.kind !== "stage" || Object.keys(definition.attributes).length === 0) return null;
  return { ...definition, attributes: {} };
}

export function decodeRow(bytes: Uint8Array): RowDefinition {
  return JSON.parse(decoder.decode(bytes)) as RowDefinition;
}
