#!/usr/bin/env node
// Any Node may be asked to run this, so it is written for old ones, and says which it needs.

(function begin() {
  var numbers = process.version.slice(1).split(".").map(Number) as [number, number];
  if (numbers[0] < 22 || (numbers[0] === 22 && numbers[1] < 15)) {
    console.error(`pinchpoint: needs Node 22.15 or newer, but runs on ${process.version}; install a current one.`);
    process.exitCode = 1;
    return;
  }
  require("./program.js").main(process.argv.slice(2));
})();
