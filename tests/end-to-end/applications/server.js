// A web server that asks itself: `node server.js [REQUESTS]`, then says what it was answered, and ends.
import { once } from "node:events";
import { createServer } from "node:http";

const requests = Number(process.argv[2] ?? 40);
const server = createServer(async (request, response) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  const id = Number(request.url?.slice(1));
  response.statusCode = id % 10 === 9 ? 500 : 200;
  response.end(String(id));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

let good = 0;
for (let id = 0; id < requests; id += 1) {
  const answer = await fetch(`http://127.0.0.1:${port}/${id}`);
  await answer.text();
  if (answer.ok) good += 1;
}
server.close();
server.closeAllConnections();
console.log(`${good} of ${requests} were answered`);
