import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What one turn of an application took. */
export interface TurnTaken {
  readonly wallMs: number;
  /** CPU time of its main thread. */
  readonly loopMs: number;
  /** Whether the application has ended with it. */
  readonly isLast: boolean;
}

/** An application that works in turns (flights-in-turns.ts), so that two of them can run side by side, never at once. */
export class Lane {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number>;
  #errorOutput = "";
  #wallMs = 0;
  #loopMs = 0;
  #isOver = false;

  /** @param environment - what it gets besides this process's own */
  constructor([command, ...parameters]: readonly string[], folder: string, environment: NodeJS.ProcessEnv) {
    const env = { ...process.env, ...environment };
    const child = spawn(command as string, parameters, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.on("error", () => {});
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput += text;
    });
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
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
  async turn(): Promise<void> {
    this.#child.stdin?.write("\n");
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the example ended with ${await this.#ended}\n${this.#errorOutput}`);
    const { wallMs, loopMs, isLast } = JSON.parse(value) as TurnTaken;
    this.#wallMs += wallMs;
    this.#loopMs += loopMs;
    this.#isOver = isLast;
    if (!isLast) return;
    const exitCode = await this.#ended;
    if (exitCode !== 0) throw new Error(`the example ended with ${exitCode}\n${this.#errorOutput}`);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
