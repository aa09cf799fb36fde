import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Failure } from "../src/failure.ts";
import { RemoteScoring } from "../src/remote-scoring.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Client of a scorer that answers like this. */
async function scoringBy(answer: RequestListener, answerWithinMs = 10_000): Promise<RemoteScoring> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return clientOf((server.address() as AddressInfo).port, answerWithinMs);
}

function clientOf(port: number, answerWithinMs = 10_000): RemoteScoring {
  return new RemoteScoring({
    url: `http://127.0.0.1:${port}/`,
    answerWithinMs,
    stop: async () => {},
    kill: async () => {},
  });
}

test("features go out and probabilities come back as raw floats", async () => {
  const scoring = await scoringBy((request, response) => {
    expect(request.method).toBe("POST");
    request.pipe(response);
  });
  expect(await scoring.score(Float32Array.of(0.25, 0.5), 2)).toEqual(Float32Array.of(0.25, 0.5));
});

const broken: readonly (readonly [string, RequestListener, RegExp])[] = [
  [
    "answers 500",
    (_, response) => response.writeHead(500).end("pass 2 of score disagrees\nwith the one before it"),
    /^the scorer at http:\/\/127\.0\.0\.1:\d+\/ answered 500 \(pass 2 of score disagrees\)$/,
  ],
  [
    "answers 429",
    (_, response) => response.writeHead(429).end(),
    /^the scorer at http:\/\/127\.0\.0\.1:\d+\/ answered 429 \(\)$/,
  ],
  [
    "answers too little",
    (_, response) => response.end("abcd"),
    /^the scorer at http:\/\/127\.0\.0\.1:\d+\/ answered 4 bytes for 2 flights$/,
  ],
  [
    "resets the connection",
    (request) => request.socket.resetAndDestroy(),
    /^the scorer at http:\/\/127\.0\.0\.1:\d+\/ is not there or broke off \(.*ECONNRESET\)$/,
  ],
  [
    "breaks off in mid-answer",
    (request, response) => {
      response.writeHead(200, { "content-length": 8 });
      response.write("abcd", () => request.socket.destroy());
    },
    /^the scorer at http:\/\/127\.0\.0\.1:\d+\/ is not there or broke off \(.+\)$/,
  ],
];

test.each(broken)("a scorer that %s is one sentence", async (_, answer, sentence) => {
  const scoring = await scoringBy(answer);
  const failure = await scoring.score(new Float32Array(2), 2).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).message).toMatch(sentence);
});

test("a scorer that never answers is one sentence after its time", async () => {
  const scoring = await scoringBy(() => {}, 20);
  await expect(scoring.score(new Float32Array(2), 2)).rejects.toThrow(/:\d+\/ did not answer within 20 ms$/);
});

test("a scorer that is not there is one sentence", async () => {
  // A port that was free a moment ago: nobody listens there.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(clientOf(port).score(new Float32Array(2), 2)).rejects.toThrow(
    new RegExp(`^the scorer at http://127.0.0.1:${port}/ is not there or broke off \\(.*ECONNREFUSED`),
  );
});
