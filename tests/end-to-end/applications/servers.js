// Servers of each kind ask themselves: `node servers.js https|h2|h2-streams|h2-tls|websocket`. The key of the encrypted
// ones is nobody's: it is for this alone.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";

const [, , kind = ""] = process.argv;
const file = (/** @type {string} */ name) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url));
const secrets = () => ({ key: file("key"), cert: file("cert") });

/** @param {import("node:net").Server} server */
async function listen(server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** Every tenth answer is an error. @param {string | undefined} path */
const statusOf = (path) => (path?.endsWith("9") ? 500 : 200);

/**
 * @param {http.IncomingMessage | http2.Http2ServerRequest} request
 * @param {any} response
 */
function handle(request, response) {
  response.statusCode = statusOf(request.url);
  response.end(`HTTP/${request.httpVersion}`);
}

/**
 * @param {number} port
 * @param {string} path
 */
async function askEncrypted(port, path) {
  const request = https.get({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false });
  const [response] = await once(request, "response");
  let text = `${response.statusCode} `;
  for await (const part of response) text += part;
  return text;
}

/**
 * @param {http2.ClientHttp2Session} session
 * @param {string} path
 */
async function askStream(session, path) {
  const stream = session.request({ ":path": path });
  const [headers] = await once(stream, "response");
  let text = `${headers[":status"]} `;
  for await (const part of stream) text += part;
  return text;
}

/**
 * @param {http2.Http2Server | http2.Http2SecureServer} server
 * @param {string} scheme
 */
async function askHttp2(server, scheme) {
  const port = await listen(server);
  const answers = scheme === "https" ? [await askEncrypted(port, "/before")] : [];
  const session = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  for (let id = 0; id < 10; id += 1) answers.push(await askStream(session, `/${id}`));
  answers.push(...(await Promise.all(["/a", "/b"].map((path) => askStream(session, path)))));
  session.close();
  await once(session, "close");
  server.close();
  return answers;
}

/** @param {http.Server} server */
async function askUpgraded(server) {
  server.on("upgrade", (request, socket) => {
    const secret = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(secret).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    // Short frames, each in one packet: the length is in the second byte, the mask in the four after it.
    socket.on("data", (/** @type {Buffer} */ frame) => {
      const [opcode = 0] = frame;
      if ((opcode & 15) === 8) return socket.end(Buffer.from([0x88, 0]));
      const text = frame.subarray(6).map((byte, i) => byte ^ frame.readUInt8(2 + (i % 4)));
      return socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
    });
  });
  const port = await listen(server);
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, "open");
  const answers = [];
  for (const text of ["one", "two"]) {
    client.send(text);
    answers.push((await once(client, "message"))[0].data);
  }
  client.close();
  await once(client, "close");
  answers.push(await (await fetch(`http://127.0.0.1:${port}/`)).text());
  server.close();
  server.closeAllConnections();
  return answers;
}

if (kind === "https") {
  const server = https.createServer(secrets(), handle);
  const port = await listen(server);
  for (let id = 0; id < 10; id += 1) console.log(await askEncrypted(port, `/${id}`));
  server.close();
} else if (kind === "h2") console.log(await askHttp2(http2.createServer(handle), "http"));
else if (kind === "h2-tls") {
  console.log(await askHttp2(http2.createSecureServer({ ...secrets(), allowHTTP1: true }, handle), "https"));
} else if (kind === "h2-streams") {
  const server = http2.createServer();
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": statusOf(headers[":path"]) });
    stream.end("a stream");
  });
  console.log(await askHttp2(server, "http"));
} else console.log(await askUpgraded(http.createServer(handle)));
