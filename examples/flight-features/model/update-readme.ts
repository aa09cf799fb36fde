import { readFile, writeFile } from "node:fs/promises";
import { readmeFile, readQuality, withQualityTable } from "./quality-table.ts";

/** Puts the table of quality.json into the README. */
await writeFile(readmeFile, withQualityTable(await readFile(readmeFile, "utf8"), await readQuality()));
