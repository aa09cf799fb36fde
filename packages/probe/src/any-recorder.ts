import type { LossReason } from "./losses.ts";

export interface Attachment {
  detach(): void;
}

/** What is attached for a recorder, by the integration's name and by what it is attached to. */
export type Attachments = Map<string, WeakMap<object, Attachment>>;

/** A recorder, or what will be one. */
export interface AnyRecorder {
  /** Not in a module: a thread may have this one twice. */
  readonly attachments: Attachments;
  lose(reason: LossReason): void;
}
