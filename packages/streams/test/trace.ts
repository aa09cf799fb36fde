import type { Readable, Writable } from "node:stream";

/** What an application can see of its streams, in order. */
export class Trace {
  readonly lines: string[] = [];
  readonly #labels = new Map<unknown, string>();

  add(...words: readonly unknown[]): void {
    this.lines.push(words.map((word) => this.#text(word)).join(" "));
  }

  /** Notes all events of a stream that can be listened to without changing what it does. */
  follow<T extends Readable | Writable>(label: string, stream: T): T {
    this.#labels.set(stream, label);
    const events = [
      "pipe",
      "unpipe",
      "drain",
      "pause",
      "resume",
      "prefinish",
      "finish",
      "end",
      "close",
      "error",
      "open",
    ];
    for (const event of events) {
      (stream as Writable).on(event, (...args: unknown[]) => this.add(label, event, ...args));
    }
    return stream;
  }

  #text(word: unknown): string {
    const label = this.#labels.get(word);
    if (label !== undefined) return label;
    if (word instanceof Error) return `${word.name}(${word.message.slice(0, 60)})`;
    if (typeof word === "function") return `function ${word.name}/${word.length}`;
    return typeof word === "string" ? word : (JSON.stringify(word) ?? String(word));
  }
}

/** Turns of the event loop, in an order that does not depend on the machine. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
