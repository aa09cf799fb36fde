import { contextOf, MessageLanes, type Recorder, type TraceContext } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { MessageLink } from "../src/message-link.ts";
import { mainRecorder } from "./recording.ts";

const A = contextOf("a".repeat(32), "1".repeat(16), true, "") as TraceContext;
const B = contextOf("b".repeat(32), "2".repeat(16), false, "") as TraceContext;

/** Both ends of the ports of a worker, and what the running code belongs to. */
function pair() {
  let running: TraceContext | null = null;
  let lost = 0;
  const traces = { outgoing: () => running } as Recorder["traces"];
  const lanes = new MessageLanes(mainRecorder().share.messages as SharedArrayBuffer);
  const [starter, worker] = [false, true].map(
    (isWorker) => new MessageLink({ lanes, traces, workerId: 4, topId: 4, isWorker, onLoss: () => lost++ }),
  ) as [MessageLink, MessageLink];
  const post = (link: MessageLink, context: TraceContext | null, isPosted = true) => {
    running = context;
    link.posts();
    link.hasPosted(isPosted);
  };
  return { starter, worker, lanes, post, lost: () => lost };
}

test("each message gets its own context, in each direction, whatever others have none", () => {
  const { starter, worker, post, lost } = pair();
  for (const context of [null, A, null, B]) post(starter, context);
  post(worker, B);
  expect([1, 2, 3, 4, 5].map(() => worker.receives())).toEqual([null, A, null, B, null]);
  expect([1, 2].map(() => starter.receives())).toEqual([B, null]);
  expect(lost()).toBe(0);
});

test("a message that could not be posted leaves its context behind, for nobody", () => {
  const { starter, worker, post, lost } = pair();
  post(starter, A, false);
  post(starter, null);
  post(starter, B);
  expect([1, 2].map(() => worker.receives())).toEqual([null, B]);
  expect(lost()).toBe(0);
});

test("a message that is posted while another one is read for posting does not get its context", () => {
  const { starter, worker, post, lost } = pair();
  post(starter, A);
  const { posts } = starter;
  posts.call(starter);
  post(starter, B);
  starter.hasPosted(true);
  post(starter, B);
  expect([1, 2, 3, 4].map(() => worker.receives())).toEqual([A, null, null, B]);
  expect(lost()).toBe(1);
});

test("what does not fit beside the messages is counted, and the numbers go on", () => {
  const { starter, worker, post, lost } = pair();
  for (let i = 0; i < 520; i++) post(starter, A);
  expect(lost()).toBe(8);
  for (let i = 0; i < 520; i++) expect(worker.receives()).toEqual(i < 512 ? A : null);
  post(starter, B);
  expect(worker.receives()).toEqual(B);
});

test("what is posted to a worker that has ended goes nowhere: its lanes are others'", () => {
  const { starter, lanes, post } = pair();
  post(starter, A);
  starter.ends();
  lanes.release(4);
  post(starter, A);
  expect([lanes.find(4, 0), starter.receives()]).toEqual([null, null]);
});
