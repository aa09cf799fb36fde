import { expect, test } from "vitest";
import { addressOf } from "../src/server-address.ts";

const told = (scheme: string, address: string, port: number) => ({
  "url.scheme": scheme,
  "server.address": address,
  "server.port": port,
});

test.each([
  ["http://127.0.0.1:8080", told("http", "127.0.0.1", 8080)],
  ["http://features.example", told("http", "features.example", 80)],
  ["https://features.example", told("https", "features.example", 443)],
  ["https://features.example:443", told("https", "features.example", 443)],
  ["http://[::1]:9000", told("http", "[::1]", 9000)],
  ["https://user:secret@features.example:8443/v1/secret?key=secret#secret", told("https", "features.example", 8443)],
  ["", {}],
  ["features.example", {}],
  ["http://", {}],
])("of %s it is told whom it goes to, and nothing else", (origin, address) => {
  expect(addressOf(origin)).toEqual(address);
});
