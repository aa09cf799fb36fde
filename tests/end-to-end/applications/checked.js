// Tests of a pipeline, for `node --test`.
import assert from "node:assert";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import test from "node:test";

test("what goes in is stored", async () => {
  let sum = 0;
  const store = new Writable({
    objectMode: true,
    write: function store(id, _encoding, callback) {
      sum += id;
      setImmediate(callback);
    },
  });
  await pipeline(Readable.from([1, 2, 3]), store);
  assert.equal(sum, 6);
});

test("a timer that is mocked fires when it is told to", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate", "Date"] });
  let isDone = false;
  setTimeout(() => {
    isDone = true;
  }, 60_000);
  context.mock.timers.tick(60_000);
  assert.ok(isDone);
});
