import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

const LIMIT_MS = 20_000;
const PAUSE_MS = 20;

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The page of metrics of a process, as soon as it serves one. It is asked for once, so that all pages are rendered as often.
 *
 * @throws Error if it serves none within some seconds
 */
export async function scrapedPage(port: number): Promise<string> {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      const response = await fetch(`http://localhost:${port}/metrics`, { headers: { connection: "close" } });
      return await response.text();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
