// Asks the server at a port: for each line on stdin, `PATH COUNT`, that many requests, and then a line on stdout.
import { Agent, get } from "node:http";
import { createInterface } from "node:readline";

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true });
/** Some of them are always under way, as at a server that is used. */
const AT_ONCE = 4;

for await (const line of createInterface({ input: process.stdin })) {
  const [path, count] = line.split(" ") as [string, string];
  let left = Number(count);
  const askOn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask(path);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  console.log("answered");
}
agent.destroy();

function ask(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ agent, host: "127.0.0.1", port, path }, (response) => response.resume().once("end", resolve)).once(
      "error",
      reject,
    );
  });
}
