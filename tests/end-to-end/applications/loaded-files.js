import { Session } from "node:inspector";

/** Which files of Pinchpoint's and which of Node's modules this thread has loaded; also what a task of a pool does. */
export default function loaded() {
  /** @type {string[]} */
  const files = [];
  const session = new Session();
  session.connect();
  // Tells of all scripts that there are, before it answers.
  session.on("Debugger.scriptParsed", ({ params: { url } }) => {
    const [, file] = /\/packages\/(\w+\/lib\/.+)$/.exec(url) ?? [];
    if (file !== undefined) files.push(file);
  });
  session.post("Debugger.enable");
  session.disconnect();
  const { moduleLoadList } = /** @type {{ moduleLoadList: string[] }} */ (/** @type {unknown} */ (process));
  return { files: files.sort(), builtins: moduleLoadList.map((name) => name.replace(/^NativeModule /, "")) };
}
