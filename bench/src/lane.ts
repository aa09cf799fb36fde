import { ApplicationProcess } from "./application-process.ts";
import type { TurnTaken } from "./turn.ts";

/** An application that works in turns (turn.ts), so that two of them can run side by side, never at once. */
export class Lane {
  readonly #application: ApplicationProcess;
  #wallMs = 0;
  #loopMs = 0;
  #isOver = false;

  /** @param environment - what it gets besides this process's own */
  constructor(command: readonly string[], folder: string, environment: NodeJS.ProcessEnv) {
    this.#application = new ApplicationProcess(command, folder, environment);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Of all turns so far, in milliseconds. */
  get wallMs(): number {
    return this.#wallMs;
  }

  /** CPU time of the main thread in all turns so far, in milliseconds. */
  get loopMs(): number {
    return this.#loopMs;
  }

  /**
   * Lets the application work for one turn.
   *
   * @throws Error if it ended in another way than by saying so
   */
  async turn(): Promise<TurnTaken> {
    this.#application.goOn();
    const taken = await this.#application.said<TurnTaken>();
    this.#wallMs += taken.wallMs;
    this.#loopMs += taken.loopMs;
    this.#isOver = taken.isLast;
    if (taken.isLast) await this.#application.ended();
    return taken;
  }

  stop(): void {
    this.#application.stop();
  }
}
