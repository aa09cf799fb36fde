// Runs before the application in every process and thread, so it is written for any Node that could read it: nothing
// newer than ES2015, and nothing of Pinchpoint is loaded before the version is known to serve.

(function register() {
  // The same rule as in config.ts, without loading it: the own variable decides, if it is set.
  var own = process.env.PINCHPOINT_DISABLED;
  var isDisabled = own ? own === "true" || own === "1" : String(process.env.OTEL_SDK_DISABLED).toLowerCase() === "true";
  var numbers = process.version.slice(1).split(".").map(Number) as [number, number];
  if (isDisabled) return;
  if (numbers[0] < 22 || (numbers[0] === 22 && numbers[1] < 15)) {
    sayOnce(
      `too-old-${process.version}`,
      "pinchpoint: Node " +
        process.version +
        " is too old to record with (22.15 or newer is needed); the application runs without it.",
    );
    return;
  }
  try {
    // biome-ignore lint/style/useNodejsImportProtocol: as below
    if (require("worker_threads").isMainThread) require("./preload.cjs").preload();
    else require("./worker-start.cjs").startWorkerThread(require);
  } catch (error) {
    sayOnce(
      "not-started",
      `pinchpoint: could not start recording (${reasonOf(error)}); the application runs without it.`,
    );
  }

  /** Under `pinchpoint run` the processes share a folder, and the first to leave the note speaks for all. */
  function sayOnce(note: string, sentence: string): void {
    try {
      // biome-ignore lint/style/useNodejsImportProtocol: an old Node does not know it
      if (!require("worker_threads").isMainThread) return;
    } catch (_) {
      // A Node without threads is in its main thread.
    }
    // biome-ignore lint/style/useNodejsImportProtocol: an old Node does not know it
    var fs = require("fs");
    var folder = process.env.PINCHPOINT_HANDOVER;
    try {
      if (folder) fs.writeFileSync(`${folder}/note-${note}`, "", { flag: "wx", mode: 384 });
    } catch (error) {
      if ((error as { code?: string }).code === "EEXIST") return;
    }
    try {
      fs.writeSync(2, `${sentence}\n`);
    } catch (_) {
      // Nobody reads stderr: the application must not notice.
    }
  }

  function reasonOf(error: unknown): string {
    var message = String((error && (error as { message?: unknown }).message) || error);
    return message.split("\n")[0] as string;
  }
})();
