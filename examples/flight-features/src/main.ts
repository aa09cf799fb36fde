import { runCommand } from "./command.ts";
import { connectStreams } from "./streams.ts";

await runCommand(process.argv.slice(2), connectStreams);
