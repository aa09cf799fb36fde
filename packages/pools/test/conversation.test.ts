import { openPipeline, type Recorder, type ResourceCall, USE } from "@pinchpoint/probe";
import { expect, test } from "vitest";
import { Conversation } from "../src/conversation.ts";
import { callsOf, mainRecorder } from "./recording.ts";

type Step = "ask" | "stranger" | "answer" | "end" | "lose";

const times = (count: number, step: Step): readonly Step[] => new Array<Step>(count).fill(step);

/** What is said in turn; then how many questions are done, are open, and were counted as abandoned. */
const cases: readonly (readonly [string, readonly Step[], { uses: number; inUse: number; abandoned: number }])[] = [
  ["each answer ends the oldest question", ["ask", "ask", "answer"], { uses: 1, inUse: 1, abandoned: 0 }],
  ["an end ends all", ["ask", "ask", "answer", "end", "end"], { uses: 2, inUse: 0, abandoned: 1 }],
  ["an answer to nobody ends it", ["ask", "answer", "answer"], { uses: 1, inUse: 0, abandoned: 1 }],
  ["a stranger may be answered", ["ask", "stranger", "answer", "answer"], { uses: 1, inUse: 0, abandoned: 0 }],
  ["a stranger need not be answered", ["stranger", "ask", "answer"], { uses: 1, inUse: 0, abandoned: 0 }],
  [
    "a stranger's answer that came first was taken for another's",
    ["ask", "answer", "stranger", "ask", "answer", "answer"],
    { uses: 2, inUse: 0, abandoned: 1 },
  ],
  ["what is lost stays lost", ["ask", "lose", "lose", "answer"], { uses: 1, inUse: 0, abandoned: 1 }],
  ["4096 questions may be open", times(4096, "ask"), { uses: 0, inUse: 4096, abandoned: 0 }],
  ["whoever never answers is given up", times(4097, "ask"), { uses: 4097, inUse: 0, abandoned: 4097 }],
];

test.for(cases)("%s", ([, steps, expected]) => {
  const recorder = mainRecorder();
  const conversation = new Conversation(recorder);
  for (const step of steps) say(recorder, conversation, step);
  const { uses, inUse } = (callsOf(recorder, "asker") as { worker: { uses: number; inUse: number } }).worker;
  expect({ uses, inUse, abandoned: recorder.snapshot().losses.abandoned ?? 0 }).toEqual(expected);
  expect(conversation.isQuiet).toBe(inUse === 0);
});

function say(recorder: Recorder, conversation: Conversation, step: Step): void {
  if (step === "ask") conversation.asks(question(recorder));
  else if (step === "stranger") conversation.overhears();
  else if (step === "answer") conversation.answers();
  else if (step === "end") conversation.ends();
  else conversation.loses();
}

function question(recorder: Recorder): ResourceCall {
  const stage = openPipeline(recorder, "app").stage("asker");
  return stage.run(() => recorder.beginCall({ name: "worker", kind: "pool" }, USE, 0)) as ResourceCall;
}
