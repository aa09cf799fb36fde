// A server that is asked by another process, one turn after the other: it lets itself be asked only after a line on stdin
// has told it to, and tells on stdout what each turn took. Turns alternate between answers that are there and answers
// that are piped.
import { spawn } from "node:child_process";
import { createReadStream, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Turn } from "./turn.ts";

const [file, turnsWanted, requestsOfTurn] = process.argv.slice(2) as [string, string, string];
const content = readFileSync(file);

const answers: Record<string, (response: ServerResponse) => void> = {
  "/whole": (response) => response.end(content),
  "/piped": (response) => createReadStream(file).pipe(new PassThrough()).pipe(response),
};
const server = createServer((request, response) => answers[request.url as string]?.(response));
server.listen(0, "127.0.0.1", () => void serveInTurns((server.address() as AddressInfo).port));

async function serveInTurns(port: number): Promise<void> {
  // Who asks is not what is measured, and is not to be recorded.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|PINCHPOINT_)/.test(name)),
  );
  const client = spawn(process.execPath, [join(import.meta.dirname, "asking.ts"), String(port)], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answered = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const paths = Object.keys(answers);
  for (let nth = 1; nth <= Number(turnsWanted); nth++) {
    const turn = Turn.awaited();
    client.stdin.write(`${paths[nth % paths.length]} ${requestsOfTurn}\n`);
    await answered.next();
    turn.end(nth === Number(turnsWanted));
  }
  client.stdin.end();
  server.close();
  server.closeAllConnections();
}
