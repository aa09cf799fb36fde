import {
  type Attachment,
  attachOnce,
  type Integration,
  isReplaceable,
  type Method,
  type Recorder,
  replaceMethod,
  type TraceContext,
  type Traces,
} from "@pinchpoint/probe";

/** What workerpool has in `src/Pool.js` and `src/WorkerHandler.js`, which it does not export. */
export interface WorkerpoolClass {
  readonly name: string;
  readonly prototype: object;
}

/** What is read of a worker of a pool. */
interface Handler {
  readonly worker: object;
  /** Of tasks that were given to it before its thread could take them. */
  readonly requestQueue?: readonly { readonly message?: unknown }[];
}

/**
 * Makes each task of workerpool's go to its worker thread with the trace in which `pool.exec` was called, also where it
 * queues and somebody else's end posts it. Its messages are carried by `MessageContexts`; both classes are wanted, each as
 * soon as it is loaded. Tasks of processes go without.
 */
export function instrumentWorkerpool(recorder: Recorder, workerpoolClass: WorkerpoolClass): Attachment {
  return attachOnce(WORKERPOOL, workerpoolClass, recorder);
}

const WORKERPOOL: Integration<WorkerpoolClass> = {
  name: "workerpool",
  attach: ({ name, prototype }, { traces }) => {
    const replacing = name === "Pool" ? asking(traces) : handingOver(traces);
    return { detach: replaceMethod(prototype, "exec", replacing) };
  },
};

/** In which trace each task was asked for, null for none, by the promise that stands for it. */
const traceOf = new WeakMap<object, TraceContext | null>();
/** The same, by the message that waits for a thread to be ready. */
const traceOfWaiting = new WeakMap<object, TraceContext | null>();
const watched = new WeakSet<object>();

function asking(traces: Traces) {
  return (original: Method): Method =>
    function exec(...args) {
      const context = traces.outgoing();
      const promise: unknown = Reflect.apply(original, this, args);
      if (isObject(promise)) traceOf.set(promise, context);
      return promise;
    };
}

/** A worker is given a task: its own where it comes from within `Pool.exec`, whose promise is not known yet. */
function handingOver(traces: Traces) {
  return (original: Method): Method =>
    function exec(this: Handler, ...args) {
      const promise: unknown = args[2]?.promise;
      const context = isObject(promise) ? traceOf.get(promise) : undefined;
      const before = this.requestQueue?.length ?? 0;
      const outgoing = context === undefined ? traces.outgoing() : context;
      const returned: unknown = traces.sendingAs(outgoing, () => Reflect.apply(original, this, args));
      const message = (this.requestQueue?.length ?? 0) > before ? this.requestQueue?.at(-1)?.message : undefined;
      if (isObject(message) && watch(traces, this.worker)) traceOfWaiting.set(message, outgoing);
      return returned;
    };
}

/** What waits for a thread is posted by that one's first message. @returns whether it could be watched */
function watch(traces: Traces, worker: object): boolean {
  if (watched.has(worker)) return true;
  if (!isReplaceable(worker, "send")) return false;
  watched.add(worker);
  replaceMethod(worker, "send", (original) => {
    return function send(...args) {
      const message: unknown = args[0];
      const context = isObject(message) ? traceOfWaiting.get(message) : undefined;
      if (context === undefined) return Reflect.apply(original, this, args);
      return traces.sendingAs(context, () => Reflect.apply(original, this, args));
    };
  });
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
