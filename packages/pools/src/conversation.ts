import type { Recorder, ResourceCall } from "@pinchpoint/probe";

/** Whoever has let so many questions go by does not answer; to go on keeping them would fill the memory. */
const MAX_OPEN = 4096;

/**
 * Questions to one worker thread and its answers, which have no names: the first answer is taken to be the first
 * question's. Where that turns out to be wrong, all that is open is abandoned, and nothing is recorded of this worker
 * any more, since nobody knows from which answer on it was wrong.
 */
export class Conversation {
  readonly #recorder: Recorder;
  #open: ResourceCall[] = [];
  /** Messages of no stage since a stage's last question: they may be answered as well. */
  #strangers = 0;
  #isLost = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get isQuiet(): boolean {
    return this.#open.length === 0;
  }

  asks(question: ResourceCall): void {
    this.#strangers = 0;
    this.#open.push(question);
    if (this.#open.length > MAX_OPEN) this.loses();
  }

  /** Somebody outside of all stages sends something. */
  overhears(): void {
    this.#strangers += 1;
  }

  answers(): void {
    if (this.#isLost) return;
    const question = this.#open.shift();
    if (question !== undefined) question.end(this.#recorder.nowMs());
    else if (this.#strangers > 0) this.#strangers -= 1;
    else {
      // This one is nobody's, so that earlier ones were taken for somebody else's.
      this.#recorder.lose("abandoned");
      this.loses();
    }
  }

  /** The worker has ended: what is open stays without an answer. */
  ends(): void {
    const atMs = this.#recorder.nowMs();
    for (const question of this.#open) {
      question.end(atMs);
      this.#recorder.lose("abandoned");
    }
    this.#open = [];
  }

  /** Answers and questions do not belong together, or go elsewhere. */
  loses(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.ends();
  }
}
