import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** An application that says what it found in lines of JSON, and goes on when it is given a line. */
export class ApplicationProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number | NodeJS.Signals>;
  #errorOutput = "";

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
      child.once("close", (code, signal) => resolve(code ?? signal ?? 1));
    });
  }

  goOn(): void {
    this.#child.stdin?.write("\n");
  }

  /**
   * The next that it says; lines that are no JSON are somebody else's.
   *
   * @throws Error if it ends before
   */
  async said<What>(): Promise<What> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw this.#failure(await this.#ended);
      if (value.startsWith("{")) return JSON.parse(value) as What;
    }
  }

  /** @throws Error if it ends in another way than with 0 */
  async ended(): Promise<void> {
    const exit = await this.#ended;
    if (exit !== 0) throw this.#failure(exit);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #failure(exit: number | NodeJS.Signals): Error {
    return new Error(`the application ended with ${exit}\n${this.#errorOutput}`);
  }
}
