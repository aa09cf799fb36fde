// Runs before anything that needs a current Node, so it is written for the oldest one that may start it (Node 12).
"use strict";

/**
 * @param {string} version - as process.versions.node gives it, without the "v"
 * @returns {number[]} major, minor, patch
 */
function numbersOf(version) {
  return version.replace(/-.*$/, "").split(".").map(Number);
}

/**
 * @param {string} found - version without the "v", for example "20.20.2"
 * @param {string} needed - lowest version that serves, for example "22.18.0"
 */
function isAtLeast(found, needed) {
  const foundNumbers = numbersOf(found);
  const neededNumbers = numbersOf(needed);
  const differences = neededNumbers.map((number, place) => (foundNumbers[place] || 0) - number);
  return (differences.find((difference) => difference !== 0) || 0) >= 0;
}

/**
 * What to tell somebody whose Node cannot run this repository's commands; null when it can.
 *
 * @param {{ version: string, platform: string, arch: string }} runtime - version without the "v"
 * @param {string} needed - a range of the form ">=22.18"
 * @returns {string | null}
 */
function complaintAbout(runtime, needed) {
  const lowest = needed.replace(/^>=\s*/, "");
  if (isAtLeast(runtime.version, lowest)) return null;
  const found = `Node ${runtime.version} runs this command, but Pinchpoint needs Node ${lowest} or newer.`;
  // Only there does the lock file bring a Node of its own, which npm puts first in the PATH of its scripts.
  if (runtime.platform === "linux" && runtime.arch === "x64") {
    return (
      found +
      " This repository brings its own: run `npm ci`, then start the command through npm (`npm start`, `npm test`)."
    );
  }
  return `${found} Install a current one from https://nodejs.org (or \`nvm install 24\`) and run \`npm ci\` again.`;
}

module.exports = { complaintAbout: complaintAbout };

if (require.main === module) {
  const complaint = complaintAbout(
    { version: process.versions.node, platform: process.platform, arch: process.arch },
    require("../package.json").engines.node,
  );
  if (complaint !== null) {
    console.error(complaint);
    process.exit(1);
  }
}
