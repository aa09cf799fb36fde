import { expect, test } from "vitest";
import { SpanIds } from "../src/span-ids.ts";

test("ids are the bytes that the source gives, in turn, and it is asked again when they are used up", () => {
  let asked = 0;
  const ids = new SpanIds((bytes) => {
    asked += 1;
    bytes.forEach((_, at) => {
      bytes[at] = asked === 1 ? at % 256 : 0xab;
    });
  });
  expect(ids.traceId()).toBe("000102030405060708090a0b0c0d0e0f");
  expect(ids.spanId()).toBe("1011121314151617");
  for (let used = 24; used < 4096; used += 8) ids.spanId();
  expect(asked).toBe(1);
  expect(ids.traceId()).toBe("ab".repeat(16));
  expect(asked).toBe(2);
});

test("an id of nothing but 0 is never given", () => {
  const ids = new SpanIds((bytes) => bytes.fill(0).fill(7, 40));
  expect(ids.traceId()).toBe(`${"00".repeat(8)}${"07".repeat(8)}`);
  expect(ids.spanId()).toBe("07".repeat(8));
});

test("the system's own source gives each id once", () => {
  const ids = new SpanIds();
  const given = Array.from({ length: 1000 }, () => [ids.traceId(), ids.spanId()]).flat();
  expect(new Set(given).size).toBe(2000);
  expect(given.every((id) => /^(?:[0-9a-f]{16}){1,2}$/.test(id))).toBe(true);
});
