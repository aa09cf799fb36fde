/** One of the files by which a process hands over, in order. */
export interface Segment {
  readonly key: string;
  readonly number: number;
  readonly name: string;
}

export function segmentName(key: string, number: number): string {
  return `${key}.${number}.jsonl`;
}

/** The segments among the names of a folder's files, each process's in their order. */
export function segmentsAmong(names: readonly string[]): Segment[] {
  return names
    .flatMap((name) => {
      const [, key, number] = /^([\w-]+)\.(\d+)\.jsonl$/.exec(name) ?? [];
      return key === undefined ? [] : [{ key, number: Number(number), name }];
    })
    .sort((a, b) => (a.key === b.key ? a.number - b.number : a.key < b.key ? -1 : 1));
}
