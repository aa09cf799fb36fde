// Like polite.js, but says which process it is and which has started it.
console.log(`process ${process.pid} of ${process.ppid}.`);
await import("./polite.js");
