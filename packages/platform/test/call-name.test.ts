import { expect, test } from "vitest";
import { CallNames, type HttpRoute } from "../src/call-name.ts";

const SECRET = "http://user:secret@127.0.0.1:8080";

test.for([
  ["https://api.example.com", "api.example.com"],
  ["https://api.example.com:443", "api.example.com"],
  ["https://API.example.com:8443", "api.example.com:8443"],
  ["http://127.0.0.1:8080", "127.0.0.1:8080"],
  ["http://[::1]:80", "[::1]"],
  [SECRET, "127.0.0.1:8080"],
] as const)("calls of %s are named %s, whatever they ask for", ([origin, name]) => {
  const names = new CallNames([]);
  expect(names.ofOrigin(origin, "GET", "/users/7?token=secret")).toBe(name);
  expect(names.ofOrigin(origin, "POST", "/")).toBe(name);
});

const ROUTES: readonly HttpRoute[] = [
  { path: "/v1/models" },
  { method: "post", path: "/v1/models/:model/score" },
  { host: "127.0.0.1:9", path: "/:any" },
];

test.for([
  ["GET", "/v1/models", "127.0.0.1:8080 /v1/models"],
  ["PUT", "/v1/models?token=secret#x", "127.0.0.1:8080 /v1/models"],
  ["POST", "/v1/models/delay/score", "127.0.0.1:8080 POST /v1/models/:model/score"],
  ["GET", "/v1/models/delay/score", "127.0.0.1:8080"],
  ["POST", "/v1/models//score", "127.0.0.1:8080"],
  ["GET", "/v1/models/", "127.0.0.1:8080"],
  ["GET", "/secret", "127.0.0.1:8080"],
  ["GET", "", "127.0.0.1:8080"],
] as const)("%s %s with routes is %s", ([method, path, name]) => {
  expect(new CallNames(ROUTES).ofOrigin(SECRET, method, path)).toBe(name);
});

test("more names than a thread has room for are one", () => {
  const names = new CallNames([]);
  const given = Array.from({ length: 100 }, (_, i) => names.ofOrigin(`http://host-${i}`, "GET", "/"));
  expect(new Set(given).size).toBe(17);
  expect(given.at(-1)).toBe("other hosts");
  expect(names.ofOrigin("http://host-3", "GET", "/")).toBe("host-3");
});

test.for([
  [[{ path: "v1" }]],
  [[{ path: "/v1?x=1" }]],
  [[{ path: 7 }]],
  [[{ host: "", path: "/" }]],
  [[{ method: 1, path: "/" }]],
  [[null]],
  ["/v1"],
] as const)("routes %j are refused, and the error says what was given", ([routes]) => {
  const given = JSON.stringify(Array.isArray(routes) ? routes[0] : routes);
  expect(() => new CallNames(routes as unknown as readonly HttpRoute[])).toThrow(given);
});
