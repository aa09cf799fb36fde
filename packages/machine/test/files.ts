import type { SystemFiles } from "../src/system-files.ts";

/** A machine made of texts by path; a folder's names follow from them. */
export function files(
  texts: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): SystemFiles {
  return {
    text: (path) => texts[path] ?? null,
    shortText: (path) => texts[path] ?? null,
    linkTarget: (path) => links[path] ?? null,
    names: (folder) => {
      const inside = Object.keys(texts).filter((path) => path.startsWith(`${folder}/`));
      const names = new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] as string));
      return names.size === 0 ? null : [...names];
    },
  };
}
