interface Place<Result> {
  done: { readonly result: Result } | undefined;
}

/** Work that runs side by side, its results handed on in the order in which the work was added. */
export class InOrder<Result> {
  readonly #handOn: (result: Result) => void;
  readonly #fail: (error: Error) => void;
  /** Oldest first; a result that is there waits until those before it have gone. */
  readonly #places: Place<Result>[] = [];
  #waiting: { readonly count: number; readonly callback: () => void } | undefined;
  #hasFailed = false;

  /** @param fail - called once, with the first error; from then on nothing is handed on and nobody called back */
  constructor(handOn: (result: Result) => void, fail: (error: Error) => void) {
    this.#handOn = handOn;
    this.#fail = fail;
  }

  add(work: Promise<Result>): void {
    const place: Place<Result> = { done: undefined };
    this.#places.push(place);
    work.then(
      (result) => {
        place.done = { result };
        this.#advance();
      },
      (error: Error) => {
        if (this.#hasFailed) return;
        this.#hasFailed = true;
        this.#fail(error);
      },
    );
  }

  /** Calls back when fewer than so many results are still to be handed on: at once if it is so. One caller at a time. */
  whenFewerThan(count: number, callback: () => void): void {
    if (this.#places.length < count) callback();
    else this.#waiting = { count, callback };
  }

  #advance(): void {
    for (let done = this.#places[0]?.done; done !== undefined && !this.#hasFailed; done = this.#places[0]?.done) {
      this.#places.shift();
      this.#handOn(done.result);
    }
    const waiting = this.#waiting;
    if (this.#hasFailed || waiting === undefined || this.#places.length >= waiting.count) return;
    this.#waiting = undefined;
    waiting.callback();
  }
}
