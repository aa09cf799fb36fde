import type { SpanAttributes } from "@pinchpoint/probe";

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Whom a call goes to, by OpenTelemetry's names; nothing where the text is no origin. Paths and queries are left out. */
export function addressOf(origin: string): SpanAttributes {
  if (!URL.canParse(origin)) return {};
  const { protocol, hostname, port } = new URL(origin);
  return {
    "url.scheme": protocol.slice(0, -1),
    "server.address": hostname,
    "server.port": port === "" ? (PORTS[protocol] ?? 0) : Number(port),
  };
}
