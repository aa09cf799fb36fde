// Writes, when the application exits, how much CPU its main thread took since preloads were done: { "seconds": 1.5 }.
const { writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

// The program that runs the application gets the same NODE_OPTIONS, and is not what is measured.
if (isMainThread && process.argv[1]?.endsWith("main.ts")) {
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
