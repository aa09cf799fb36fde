import { UsageError } from "../usage-error.ts";

/** Runs `parseArgs` so that what it refuses is told in one sentence. */
export function strictly<T>(command: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const { code = "", message = "" } = cause as { code?: string; message?: string };
    if (!code.startsWith("ERR_PARSE_ARGS")) throw cause;
    throw new UsageError(`${sentenceOf(message)}; see pinchpoint ${command} --help.`, { cause });
  }
}

/** Node's message goes on with advice about positional arguments, which is of no use here. */
function sentenceOf(message: string): string {
  const [what = ""] = message.split(/\. |\.?\n/);
  const [, option] = /^Option '(--?[\w-]+)[^']*' argument (?:is ambiguous|missing)/.exec(what) ?? [];
  if (option !== undefined) return `option '${option}' needs a value`;
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}`;
}
