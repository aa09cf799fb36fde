import { expect, test } from "vitest";
import { httpRoutesOf } from "../src/http-routes.ts";

test.for([
  ["", []],
  ["/health", [{ path: "/health" }]],
  ["POST /v1/:model", [{ path: "/v1/:model", method: "POST" }]],
  ["127.0.0.1:8080/a", [{ path: "/a", host: "127.0.0.1:8080" }]],
  [
    " get api.example.com/v1/models/:model ,, /b,",
    [{ path: "/v1/models/:model", method: "get", host: "api.example.com" }, { path: "/b" }],
  ],
] as const)("%j is the routes %j", ([text, routes]) => {
  expect(httpRoutesOf(text)).toEqual(routes);
});

test.for([
  ["/a, health", "health"],
  ["GET", "GET"],
  ["GET POST /a", "GET POST /a"],
  ["/a b", "/a b"],
  ["https://api.example.com/v1", "https://api.example.com/v1"],
  ["/a?token=1", "/a?token=1"],
] as const)("%j is refused, and the error names the part that is no route", ([text, part]) => {
  expect(() => httpRoutesOf(text)).toThrow(part);
});
