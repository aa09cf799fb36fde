// Has a pipeline in a child of each kind: forked, spawned, started by a shell; and says what they said.
import { execSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);
const [, , how] = process.argv;

if (how === undefined) {
  const child = fork(here, ["fork"]);
  child.on("message", (message) => console.log("told", message));
  console.log(await once(child, "exit"));
  process.stdout.write(spawnSync(process.execPath, [here, "spawn"]).stdout);
  process.stdout.write(execSync(`"${process.execPath}" "${here}" exec`));
} else {
  let sum = 0;
  const sink = new Writable({
    objectMode: true,
    write: function store(id, _encoding, callback) {
      sum += id;
      setImmediate(callback);
    },
  });
  sink.on("finish", () => {
    console.log(how, sum, process.connected);
    if (how !== "fork") return;
    process.send?.(sum);
    process.disconnect();
    process.exitCode = 5;
  });
  Readable.from([1, 2, 3]).pipe(sink);
}
