import { Readable, Transform, Writable } from "node:stream";
import type { Recorder, StageRecorder, StageRole } from "@pinchpoint/probe";
import type { CallSite } from "./call-site.ts";
import { areReplaceable } from "./method.ts";
import { observeSource, SOURCE_METHODS } from "./readable-source.ts";
import { kindOf, nameOf } from "./stage-name.ts";
import { observeTransform, TRANSFORM_METHODS } from "./transform-stage.ts";
import { Turn } from "./turn.ts";
import { observeSink, SINK_METHODS } from "./writable-sink.ts";

/** What a stream is to the pipeline: a socket, for one, has two ends that have nothing to do with each other. */
interface Member {
  readonly key: string;
  /** null where the stream cannot be observed, or the recorder has no room for it. */
  readonly stage: StageRecorder | null;
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
    const feeder = this.#outputs.get(from) ?? this.#addOutput(from, site);
    const fed = this.#inputs.get(to) ?? this.#addInput(to, feeder, site);
    if (feeder.stage !== null && fed.stage !== null) this.#recorder.connect(feeder.stage, fed.stage);
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
    const name = this.#nameOfKey.get(key) ?? this.#freeName(stream, site);
    const stage = this.#recorder.openStage({ pipeline: this.#pipeline, name, role });
    // A stage that has no room is not remembered: an application that makes new ones for ever must not fill the memory.
    if (stage !== null) {
      this.#keyOfName.set(name, key);
      this.#nameOfKey.set(key, name);
    }
    return { key, stage };
  }

  /** The stream's own name, or its kind and place; a name that another stage has gets the place, then a number. */
  #freeName(stream: object, site: CallSite): string {
    const own = nameOf(stream);
    const prefix = this.#thread === null ? "" : `${this.#thread()}/`;
    const placed = `${prefix}${own ?? kindOf(stream)}@${site.label}`;
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
