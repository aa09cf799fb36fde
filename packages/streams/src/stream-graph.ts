import { Readable, Transform, Writable } from "node:stream";
import type { Method, Recorder, StageRecorder, StageRole } from "@pinchpoint/probe";
import type { CallSite } from "./call-site.ts";
import { observedFunction, observedIterable } from "./function-stage.ts";
import { areReplaceable } from "./method.ts";
import { isNodeStream, isPlainIterable } from "./pipeline-part.ts";
import { observeSource, SOURCE_METHODS } from "./readable-source.ts";
import { kindOf, nameOf, nameOfFunction } from "./stage-name.ts";
import { observeTransform, TRANSFORM_METHODS } from "./transform-stage.ts";
import { Turn } from "./turn.ts";
import { observeSink, SINK_METHODS } from "./writable-sink.ts";

/** What a stream is to the pipeline: a socket, for one, has two ends that have nothing to do with each other. */
interface Member {
  readonly key: string;
  /** null where the stream cannot be observed, or the recorder has no room for it. */
  readonly stage: StageRecorder | null;
}

export interface ObservedBody {
  readonly observed: Method;
  readonly isOf: (made: object) => void;
}

/** What something is called in the code that made it, if anything, and what it is. */
interface Named {
  readonly own: string | null;
  readonly kind: string;
}

/**
 * The streams of one thread and who feeds whom. Streams that are made again at the same place (a pipeline per request)
 * are workers of one stage; streams of different places never share one.
 */
export class StreamGraph {
  readonly #recorder: Recorder;
  readonly #pipeline: string;
  readonly #thread: (() => string) | null;
  readonly #turn = new Turn();
  readonly #inputs = new WeakMap<object, Member>();
  readonly #outputs = new WeakMap<object, Member>();
  readonly #keyOfName = new Map<string, string>();
  readonly #nameOfKey = new Map<string, string>();

  /** @param thread - what the names of all stages begin with; null: nothing */
  constructor(recorder: Recorder, pipeline: string, thread: (() => string) | null) {
    this.#recorder = recorder;
    this.#pipeline = pipeline;
    this.#thread = thread;
  }

  /** `from` is piped to `to`, by a call at `site`. */
  connect(from: object, to: object, site: CallSite): void {
    const feeder = this.#outputOf(from, site);
    this.#join(feeder, this.#inputOf(to, feeder, site));
  }

  /**
   * The parts of a `pipeline` that is called at `site`: those that nobody pipes are joined here, functions and iterables.
   *
   * @returns the parts to go on with, where observed ones stand for functions and iterables
   */
  observeParts(parts: readonly unknown[], site: CallSite): unknown[] {
    /** What feeds the next part, where that is not piped. */
    let feeder: Member | null = null;
    return parts.map((part, index) => {
      const next = parts[index + 1];
      if (isNodeStream(part)) {
        if (feeder !== null) this.#join(feeder, this.#inputOf(part, feeder, site));
        const isPiped = next === undefined || isNodeStream(next);
        feeder = isPiped ? null : this.#outputOf(part, site);
        return part;
      }
      const isSource = index === 0;
      if (typeof part !== "function" && !(isSource && isPlainIterable(part))) {
        feeder = null;
        return part;
      }
      const role = isSource ? "source" : next === undefined ? "sink" : "stage";
      const member = this.#addPart(part, feeder, role, `${site.key} ${index}`, site);
      if (feeder !== null) this.#join(feeder, member);
      feeder = member;
      const { stage } = member;
      if (stage === null) return part;
      return typeof part === "function"
        ? observedFunction(part as Method, { stage, turn: this.#turn, isSource })
        : observedIterable(part, stage, this.#turn);
    });
  }

  /**
   * A function that Node will make a stream of, at `site`.
   *
   * @returns what stands for the function, and is told which stream it became
   */
  observeBody(body: Method, place: string, site: CallSite): ObservedBody {
    const member = this.#addPart(body, null, "stage", place, site);
    const { stage } = member;
    return {
      observed: stage === null ? body : observedFunction(body, { stage, turn: this.#turn, isSource: false }),
      isOf: (made) => {
        this.#inputs.set(made, member);
        this.#outputs.set(made, member);
      },
    };
  }

  /** `made` is the outside of streams: what is written to it goes to `first`, and what is read from it is of `last`. */
  stands(made: object, first: object | null, last: object): void {
    const input = first === null ? undefined : this.#inputs.get(first);
    const output = this.#outputs.get(last);
    if (input !== undefined) this.#inputs.set(made, input);
    if (output !== undefined) this.#outputs.set(made, output);
  }

  #outputOf(stream: object, site: CallSite): Member {
    return this.#outputs.get(stream) ?? this.#addOutput(stream, site);
  }

  #inputOf(stream: object, feeder: Member, site: CallSite): Member {
    return this.#inputs.get(stream) ?? this.#addInput(stream, feeder, site);
  }

  #join(feeder: Member, fed: Member): void {
    if (feeder.stage !== null && fed.stage !== null) this.#recorder.connect(feeder.stage, fed.stage);
  }

  #addPart(part: object, feeder: Member | null, role: StageRole, place: string, site: CallSite): Member {
    const own = typeof part === "function" ? nameOfFunction(part) : null;
    const kind = typeof part === "function" ? "function" : "iterable";
    const key = `${feeder?.key ?? ""} > ${place} ${own ?? kind}`;
    return this.#openNamed({ own, kind }, key, role, site);
  }

  #addOutput(stream: object, site: CallSite): Member {
    // The other end of a stream that is fed belongs to the place where it is.
    const input = this.#inputs.get(stream);
    const key = input === undefined ? `${site.key} ${describe(stream)}` : `${input.key} <`;
    if (stream instanceof Transform) return this.#addTransform(stream, key, site);
    const isObservable = stream instanceof Readable && areReplaceable(stream, SOURCE_METHODS);
    const member = this.#open(stream, key, isObservable ? "source" : null, site);
    this.#outputs.set(stream, member);
    if (isObservable && member.stage !== null) observeSource(stream, member.stage, this.#turn);
    return member;
  }

  #addInput(stream: object, feeder: Member, site: CallSite): Member {
    const key = `${feeder.key} > ${site.key} ${describe(stream)}`;
    if (stream instanceof Transform) return this.#addTransform(stream, key, site);
    // Not every destination is a Writable: an HTTP response has `write` but no `_write` to see its time by.
    const isObservable = stream instanceof Writable && areReplaceable(stream, SINK_METHODS);
    const member = this.#open(stream, key, isObservable ? "sink" : null, site);
    this.#inputs.set(stream, member);
    if (isObservable && member.stage !== null) observeSink(stream, member.stage, this.#turn);
    return member;
  }

  #addTransform(stream: Transform, key: string, site: CallSite): Member {
    const isObservable = areReplaceable(stream, TRANSFORM_METHODS);
    const member = this.#open(stream, key, isObservable ? "stage" : null, site);
    this.#inputs.set(stream, member);
    this.#outputs.set(stream, member);
    if (member.stage !== null) observeTransform(stream, member.stage, this.#turn);
    return member;
  }

  /** @param role - null where the stream cannot be observed */
  #open(stream: object, key: string, role: StageRole | null, site: CallSite): Member {
    if (role === null) {
      this.#recorder.lose("not-patched");
      return { key, stage: null };
    }
    return this.#openNamed({ own: nameOf(stream), kind: kindOf(stream) }, key, role, site);
  }

  #openNamed(named: Named, key: string, role: StageRole, site: CallSite): Member {
    const name = this.#nameOfKey.get(key) ?? this.#freeName(named, site);
    const stage = this.#recorder.openStage({ pipeline: this.#pipeline, name, role });
    // A stage that has no room is not remembered: an application that makes new ones for ever must not fill the memory.
    if (stage !== null) {
      this.#keyOfName.set(name, key);
      this.#nameOfKey.set(key, name);
    }
    return { key, stage };
  }

  /** Its own name, or its kind and place; a name that another stage has gets the place, then a number. */
  #freeName({ own, kind }: Named, site: CallSite): string {
    const prefix = this.#thread === null ? "" : `${this.#thread()}/`;
    const placed = `${prefix}${own ?? kind}@${site.label}`;
    const wished = own === null ? [placed] : [`${prefix}${own}`, placed];
    let name = wished.find((candidate) => !this.#keyOfName.has(candidate));
    for (let count = 2; name === undefined; count++) {
      const numbered = `${placed}#${count}`;
      if (!this.#keyOfName.has(numbered)) name = numbered;
    }
    return name;
  }
}

function describe(stream: object): string {
  return nameOf(stream) ?? kindOf(stream);
}
