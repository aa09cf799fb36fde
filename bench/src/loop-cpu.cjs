// Writes, when the process exits, how much CPU its main thread took since preloads were done: { "seconds": 1.5 }.
const { writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

if (isMainThread) {
  const taken = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e6;
  };
  let before = 0;
  setImmediate(() => {
    before = taken();
  });
  process.on("exit", () => writeFileSync("loop-cpu.json", JSON.stringify({ seconds: taken() - before })));
}
