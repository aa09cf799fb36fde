// npm run test:peers [-- FILTER]: the tests against systems of others, which are installed outside of the repository. The
// last line has the numbers, those of `npm test` included where PINCHPOINT_TALLY names the file that it left them in.
import { buildPackages } from "./build.ts";
import { emptyTally, keptTally, summaryOf, sumOf } from "./tally.ts";
import { runVitest } from "./vitest-run.ts";

const LIMIT_MS = 30 * 60_000;

const built = await buildPackages();
if (!built.hasPassed) console.log(built.output);
const words = ["--config", "vitest.peers.config.ts", ...process.argv.slice(2)];
const tests = built.hasPassed
  ? (await runVitest({ words, isShown: true, limitMs: LIMIT_MS })).tally
  : { ...emptyTally, failed: 1 };
const tally = sumOf([keptTally(), tests]);
console.log(summaryOf(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;
