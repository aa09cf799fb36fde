import { Readable, Transform, Writable } from "node:stream";
import type { CallSite, Method, Recorder, StageRole } from "@pinchpoint/probe";
import { observedFunction, observedIterable } from "./function-stage.ts";
import { Habits } from "./habits.ts";
import { areReplaceable } from "./method.ts";
import { isNative } from "./native-stream.ts";
import { isHttpMessage, isNodeStream, isPlainIterable } from "./pipeline-part.ts";
import { Place } from "./place.ts";
import { observeSource, SOURCE_METHODS } from "./readable-source.ts";
import { kindOf, nameOf, nameOfFunction } from "./stage-name.ts";
import { observeTransform, TRANSFORM_METHODS } from "./transform-stage.ts";
import { Turn } from "./turn.ts";
import { observeSink, SINK_METHODS } from "./writable-sink.ts";

/** What a live stream is to the pipeline: a socket, for one, has two ends that have nothing to do with each other. */
interface Ends {
  input: Place | null;
  output: Place | null;
}

export interface ObservedBody {
  readonly observed: Method;
  readonly isOf: (made: object) => void;
}

/** What something is called in the code that made it, if anything, and what it is. */
interface Named {
  readonly own: string | null;
  readonly kind: string;
  readonly isNative: boolean;
}

/** What a stream is to those that it is joined with, and the method by which it works. */
const SOURCE = { role: "source", method: "_read" } as const;
const STAGE = { role: "stage", method: "_transform" } as const;
const SINK = { role: "sink", method: "_write" } as const;
type Part = typeof SOURCE | typeof STAGE | typeof SINK;

/** The step to the other end of a stream that is fed: it belongs to the place where the stream is. */
const OTHER_END = "<";
/** Keeps a stream that cannot be observed from standing for one that can. */
const UNSEEN = "unseen";
/** Places of streams that are not observed, which have no row that would limit them. */
const MOST_UNSEEN_PLACES = 256;

/**
 * The streams of one thread and who feeds whom. Streams that are made again at the same place (a pipeline per request)
 * are workers of one stage; streams of different places never share one.
 */
export class StreamGraph {
  /** Where the running code is; null where nothing is to be joined. */
  readonly site: () => CallSite | null;
  readonly #recorder: Recorder;
  readonly #pipeline: string;
  readonly #thread: (() => string) | null;
  readonly #habits: Habits;
  readonly #turn = new Turn();
  readonly #ends = new WeakMap<object, Ends>();
  readonly #beginning = new Place(null);
  readonly #names = new Set<string>();
  #unseenPlaces = 0;

  /**
   * @param thread - what the names of all stages begin with; null: nothing
   * @param callSite - where the running code is; null where nothing is to be joined
   */
  constructor(recorder: Recorder, pipeline: string, thread: (() => string) | null, callSite: () => CallSite | null) {
    this.site = callSite;
    this.#habits = new Habits(callSite);
    this.#recorder = recorder;
    this.#pipeline = pipeline;
    this.#thread = thread;
  }

  /** The running code pipes `from` to `to`. */
  connect(from: object, to: object): void {
    const { output } = this.#endsOf(from);
    const { input } = this.#endsOf(to);
    if (output !== null && input !== null) {
      this.#join(output, input);
      return;
    }
    const site = this.#habits.site(`${describe(from)} > ${describe(to)}`);
    if (site === null) return;
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
    let feeder: Place | null = null;
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
      const place = this.#placeOfPart(part, feeder, index, role, site);
      if (feeder !== null) this.#join(feeder, place);
      feeder = place;
      const { stage } = place;
      if (stage === null) return part;
      return typeof part === "function"
        ? observedFunction(part as Method, { stage, turn: this.#turn, isSource })
        : observedIterable(part, stage, this.#turn);
    });
  }

  /**
   * A function that Node will make a stream of, at `site`.
   *
   * @param index - which part it is of what is called there
   * @returns what stands for the function, and is told which stream it became
   */
  observeBody(body: Method, index: number, site: CallSite): ObservedBody {
    const place = this.#placeOfPart(body, null, index, "stage", site);
    const { stage } = place;
    return {
      observed: stage === null ? body : observedFunction(body, { stage, turn: this.#turn, isSource: false }),
      isOf: (made) => {
        const ends = this.#endsOf(made);
        ends.input = place;
        ends.output = place;
      },
    };
  }

  /** `made` is the outside of streams: what is written to it goes to `first`, and what is read from it is of `last`. */
  stands(made: object, first: object | null, last: object): void {
    const ends = this.#endsOf(made);
    ends.input ??= first === null ? null : this.#endsOf(first).input;
    ends.output ??= this.#endsOf(last).output;
  }

  #join(feeder: Place, fed: Place): void {
    if (feeder.stage !== null && fed.stage !== null) this.#recorder.connect(feeder.stage, fed.stage);
  }

  #endsOf(stream: object): Ends {
    const known = this.#ends.get(stream);
    if (known !== undefined) return known;
    const ends = { input: null, output: null };
    this.#ends.set(stream, ends);
    return ends;
  }

  #outputOf(stream: object, site: CallSite): Place {
    const ends = this.#endsOf(stream);
    if (ends.output !== null) return ends.output;
    const { input } = ends;
    const from = input ?? this.#beginning;
    const step = input === null ? site.key : OTHER_END;
    if (stream instanceof Transform) return this.#addTransform(stream, ends, from, step, site);
    const isObservable = stream instanceof Readable && areReplaceable(stream, SOURCE_METHODS);
    ends.output = this.#placeOf(stream, from, step, isObservable ? SOURCE : null, site);
    const { stage } = ends.output;
    if (isObservable && stage !== null) observeSource(stream, stage, this.#turn);
    return ends.output;
  }

  #inputOf(stream: object, feeder: Place, site: CallSite): Place {
    const ends = this.#endsOf(stream);
    if (ends.input !== null) return ends.input;
    if (stream instanceof Transform) return this.#addTransform(stream, ends, feeder, site.key, site);
    const isObservable = stream instanceof Writable && areReplaceable(stream, SINK_METHODS);
    ends.input = this.#placeOf(stream, feeder, site.key, isObservable ? SINK : null, site);
    const { stage } = ends.input;
    if (isObservable && stage !== null) observeSink(stream, stage, this.#turn);
    return ends.input;
  }

  #addTransform(stream: Transform, ends: Ends, from: Place, step: string, site: CallSite): Place {
    const isObservable = areReplaceable(stream, TRANSFORM_METHODS);
    const place = this.#placeOf(stream, from, step, isObservable ? STAGE : null, site);
    ends.input = place;
    ends.output = place;
    if (place.stage !== null) observeTransform(stream, place.stage, this.#turn);
    return place;
  }

  /** @param part - null where the stream cannot be observed */
  #placeOf(stream: object, from: Place, step: string, part: Part | null, site: CallSite): Place {
    const own = nameOf(stream);
    const name = own ?? kindOf(stream);
    const at = part === null ? `${name} ${UNSEEN}` : name;
    const known = from.at(step, at);
    if (known !== undefined) return known;
    if (part !== null) {
      const named = { own, kind: kindOf(stream), isNative: isNative(stream, part.method) };
      return this.#open(from, step, at, named, part.role, site);
    }
    // An HTTP message is a request's, which is recorded as a whole: there is nothing that was missed.
    if (!isHttpMessage(stream)) this.#recorder.lose("not-patched");
    return this.#unseen(from, step, at);
  }

  #placeOfPart(part: object, feeder: Place | null, index: number, role: StageRole, site: CallSite): Place {
    const own = typeof part === "function" ? nameOfFunction(part) : null;
    const kind = typeof part === "function" ? "function" : "iterable";
    const from = feeder ?? this.#beginning;
    const name = `${index} ${own ?? kind}`;
    return from.at(site.key, name) ?? this.#open(from, site.key, name, { own, kind, isNative: false }, role, site);
  }

  #open(from: Place, step: string, at: string, named: Named, role: StageRole, site: CallSite): Place {
    const name = this.#freeName(named, site);
    const { isNative } = named;
    const stage = this.#recorder.openStage({ pipeline: this.#pipeline, name, role, isNative });
    const place = new Place(stage);
    // A stage that has no room is not remembered: an application that makes new ones for ever must not fill the memory.
    if (stage !== null) {
      this.#names.add(name);
      from.remember(step, at, place);
    }
    return place;
  }

  #unseen(from: Place, step: string, at: string): Place {
    const place = new Place(null);
    if (this.#unseenPlaces < MOST_UNSEEN_PLACES) {
      this.#unseenPlaces += 1;
      from.remember(step, at, place);
    }
    return place;
  }

  /** Its own name, or its kind and place; a name that another stage has gets the place, then a number. */
  #freeName({ own, kind }: Named, site: CallSite): string {
    const prefix = this.#thread === null ? "" : `${this.#thread()}/`;
    const placed = `${prefix}${own ?? kind}@${site.label}`;
    const wished = own === null ? [placed] : [`${prefix}${own}`, placed];
    let name = wished.find((candidate) => !this.#names.has(candidate));
    for (let count = 2; name === undefined; count++) {
      const numbered = `${placed}#${count}`;
      if (!this.#names.has(numbered)) name = numbered;
    }
    return name;
  }
}

function describe(stream: object): string {
  return nameOf(stream) ?? kindOf(stream);
}
