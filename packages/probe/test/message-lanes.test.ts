import fc from "fast-check";
import { expect, test } from "vitest";
import { FROM_WORKER, MESSAGE_LANES_BYTES, MessageLanes, TO_WORKER } from "../src/message-lanes.ts";
import type { TraceContext } from "../src/trace-context.ts";

const newLanes = () => new MessageLanes(new SharedArrayBuffer(MESSAGE_LANES_BYTES));

function contextOfNumber(number: number): TraceContext {
  const traceId = `f${number.toString(16).padStart(31, "0")}`;
  return { traceId, spanId: number.toString(16).padStart(16, "8"), isSampled: number % 2 === 0, state: "" };
}

test("what is put for a message is found for that message, and for no other, in whatever order both go on", () => {
  const step = fc.record({ posts: fc.boolean(), isTraced: fc.boolean(), isSeen: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.array(step, { maxLength: 200 }), (first, steps) => {
      const lanes = newLanes();
      const sender = lanes.take({ workerId: 7, direction: TO_WORKER, topId: 7 });
      const receiver = lanes.find(7, TO_WORKER);
      let posted = first;
      let received = first;
      let passed = 0;
      let found = 0;
      const contexts = new Map<number, TraceContext>();
      for (const { posts, isTraced, isSeen } of steps) {
        if (posts) {
          posted = (posted + 1) >>> 0;
          if (isTraced && sender?.put(posted, contextOfNumber(posted))) contexts.set(posted, contextOfNumber(posted));
        } else if (received !== posted) {
          received = (received + 1) >>> 0;
          const expected = contexts.get(received) ?? null;
          // A message that nobody looks at leaves what was put for it to be passed over.
          if (!isSeen) continue;
          expect(receiver?.take(received, () => passed++) ?? null).toEqual(expected);
          if (expected !== null) found += 1;
        }
      }
      receiver?.take((posted + 1) >>> 0, () => passed++);
      expect(found + passed).toBe(contexts.size);
      expect(lanes.release(7)).toBe(0);
    }),
  );
});

test("what is put too much is refused, and what was put before is kept", () => {
  const lanes = newLanes();
  const lane = lanes.take({ workerId: 1, direction: FROM_WORKER, topId: 1 });
  let kept = 0;
  while (lane?.put(kept + 1, contextOfNumber(kept + 1))) kept += 1;
  expect(kept).toBe(512);
  const reader = lanes.find(1, FROM_WORKER);
  for (let message = 1; message <= kept; message++) {
    expect(reader?.take(message, expect.unreachable)).toEqual(contextOfNumber(message));
  }
  expect(lane?.put(kept + 2, contextOfNumber(1))).toBe(true);
});

test("what is withdrawn was never there", () => {
  const lanes = newLanes();
  const lane = lanes.take({ workerId: 1, direction: TO_WORKER, topId: 1 });
  lane?.put(1, contextOfNumber(1));
  lane?.withdraw();
  lane?.put(2, contextOfNumber(2));
  const reader = lanes.find(1, TO_WORKER);
  expect(reader?.take(1, expect.unreachable)).toBe(null);
  expect(reader?.take(2, expect.unreachable)).toEqual(contextOfNumber(2));
});

test("each worker and direction has a lane of its own, found when it is taken and gone when its worker has ended", () => {
  const lanes = newLanes();
  expect([lanes.find(3, TO_WORKER), lanes.taken]).toEqual([null, 0]);
  lanes.take({ workerId: 3, direction: TO_WORKER, topId: 3 })?.put(1, contextOfNumber(1));
  expect(lanes.taken).toBe(1);
  expect([lanes.find(3, FROM_WORKER), lanes.find(4, TO_WORKER), lanes.find(0, TO_WORKER)]).toEqual([null, null, null]);
  // Of a worker that the third has started, whose end nobody else would tell.
  lanes.take({ workerId: 5, direction: FROM_WORKER, topId: 3 })?.put(1, contextOfNumber(1));
  const other = lanes.take({ workerId: 6, direction: TO_WORKER, topId: 6 });
  other?.put(1, contextOfNumber(6));
  expect(lanes.release(3)).toBe(2);
  expect([lanes.find(3, TO_WORKER), lanes.find(5, FROM_WORKER)]).toEqual([null, null]);
  expect(lanes.find(6, TO_WORKER)?.take(1, expect.unreachable)).toEqual(contextOfNumber(6));
  // The next one finds nothing in it.
  lanes.take({ workerId: 8, direction: TO_WORKER, topId: 8 });
  expect(lanes.find(8, TO_WORKER)?.take(1, expect.unreachable)).toBe(null);
});

test("there is a lane for both directions of as many workers as may record, and none for more", () => {
  const lanes = newLanes();
  for (let at = 0; at < 160; at++) {
    expect(lanes.take({ workerId: at, direction: TO_WORKER, topId: at })).not.toBe(null);
  }
  expect(lanes.take({ workerId: 160, direction: TO_WORKER, topId: 160 })).toBe(null);
});
