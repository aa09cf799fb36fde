// Tells all that an application can see of how it was started.
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2", "uncaughtException", "message"];
const seen = {
  argv: process.argv,
  execArgv: process.execArgv,
  hasChannel: process.channel !== undefined || typeof process.send === "function",
  listeners: signals.filter((name) => process.listenerCount(name) > 0),
  globals: Object.keys(globalThis),
  ttys: [process.stdin.isTTY, process.stdout.isTTY, process.stderr.isTTY],
  resources: process.getActiveResourcesInfo(),
  environment: Object.keys(process.env).filter((name) => !/^(NODE_OPTIONS|PINCHPOINT_.*)$/.test(name)),
};
console.log(JSON.stringify(seen));
