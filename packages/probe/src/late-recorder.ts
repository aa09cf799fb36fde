import type { AnyRecorder, Attachments } from "./any-recorder.ts";
import {
  areSpansWanted,
  type ClaimedSlot,
  claimForWorker,
  type SlabShare,
  type ThreadIdentity,
  tracesPerSecond,
} from "./claimed-slot.ts";
import { type LossReason, lossIndex } from "./losses.ts";
import type { Recorder } from "./recorder.ts";
import type { SlotMemory } from "./slot-memory.ts";

/** Where somebody else's code is in the way of ours, it mostly stays there. */
const MOST_FAILURES = 3;

/**
 * The recorder of a worker thread, which is made when there is something to record for the first time: most threads of
 * pools never have anything, and a recorder is most of what they would load. The thread has its slot from the beginning,
 * so that it is known as one that records.
 */
export class LateRecorder implements AnyRecorder {
  readonly attachments: Attachments;
  readonly #claimed: ClaimedSlot;
  readonly #make: (claimed: ClaimedSlot) => Recorder;
  readonly #memory: SlotMemory;
  #recorder: Recorder | null = null;
  #failures = 0;

  private constructor(claimed: ClaimedSlot, make: (claimed: ClaimedSlot) => Recorder) {
    this.attachments = claimed.attachments;
    this.#claimed = claimed;
    this.#memory = { ints: new Int32Array(claimed.memory) };
    this.#make = make;
  }

  /**
   * @param make - loads what the recorder consists of; what it throws is counted as `not-patched`
   * @returns null where there is no slot for the thread
   */
  static claim(
    share: SlabShare,
    identity: ThreadIdentity,
    make: (claimed: ClaimedSlot) => Recorder,
  ): LateRecorder | null {
    const claimed = claimForWorker(share, identity);
    return claimed === null ? null : new LateRecorder(claimed, make);
  }

  /** Makes it at the first call. Null where it cannot be made, which is tried again a few times. */
  readonly now = (): Recorder | null => {
    if (this.#recorder !== null || this.#failures >= MOST_FAILURES) return this.#recorder;
    try {
      this.#recorder = this.#make(this.#claimed);
    } catch {
      this.#failures += 1;
      this.lose("not-patched");
    }
    return this.#recorder;
  };

  /** As `Recorder.areSpansWanted`. */
  get areSpansWanted(): boolean {
    return areSpansWanted(this.#memory);
  }

  /** Whether spans are kept now. */
  get areSpansKept(): boolean {
    return tracesPerSecond(this.#memory) > 0;
  }

  lose(reason: LossReason): void {
    this.#claimed.slot.lose(lossIndex(reason));
  }
}
