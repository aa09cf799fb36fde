const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
};

/** What the system said about a file, in words. */
export function fileProblem(error: unknown): string {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  return WORDS[code] ?? message;
}
