import { Failure, firstLine } from "./failure.ts";
import type { Scoring } from "./scoring.ts";

export interface RemoteScorer {
  readonly url: string;
  /** A batch that has no answer after so long has failed. */
  readonly answerWithinMs: number;
  /** Ends the scorer once what it works on is done. */
  readonly stop: () => Promise<void>;
  /** Ends the scorer at once. */
  readonly kill: () => Promise<void>;
}

/** Scores in another process, by HTTP. */
export class RemoteScoring implements Scoring {
  readonly name: string;
  readonly batchesUnderWay = remoteBatchesUnderWay;
  readonly #scorer: RemoteScorer;

  constructor(scorer: RemoteScorer) {
    this.#scorer = scorer;
    this.name = new URL(scorer.url).host;
  }

  /** @throws Failure if the scorer is not there, breaks off, refuses, does not answer in time, or answers nonsense */
  async score(features: Float32Array<ArrayBuffer>, flights: number): Promise<Float32Array> {
    const { url, answerWithinMs } = this.#scorer;
    const answer = await this.#answer(features).catch((cause: unknown) => {
      if (cause instanceof Failure) throw cause;
      if (cause instanceof Error && cause.name === "TimeoutError") {
        throw new Failure(`the scorer at ${url} did not answer within ${answerWithinMs} ms`, { cause });
      }
      // What fetch says of a connection is "fetch failed"; the reason is its cause.
      const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
      throw new Failure(`the scorer at ${url} is not there or broke off (${firstLine(reason)})`, { cause });
    });
    if (answer.byteLength !== flights * Float32Array.BYTES_PER_ELEMENT) {
      throw new Failure(`the scorer at ${url} answered ${answer.byteLength} bytes for ${flights} flights`);
    }
    return new Float32Array(answer);
  }

  close(): Promise<void> {
    return this.#scorer.stop();
  }

  destroy(): Promise<void> {
    return this.#scorer.kill();
  }

  async #answer(body: Float32Array<ArrayBuffer>): Promise<ArrayBuffer> {
    const { url, answerWithinMs } = this.#scorer;
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(answerWithinMs) });
    if (response.ok) return await response.arrayBuffer();
    throw new Failure(`the scorer at ${url} answered ${response.status} (${firstLine(await response.text())})`);
  }
}

/** Enough to keep two slots busy while answers travel. */
export const remoteBatchesUnderWay = 8;
