import type { Attachment, Recorder } from "@pinchpoint/probe";

/** The application's own function, to which a foreign library hands each item. It may throw, at once or later. */
export type Work = (item: number) => number | Promise<number>;

/** What an integration tells the suite about itself: how it is attached, and how an application uses its library. */
export interface Driver {
  readonly name: string;
  /** Every object that the integration changes. After detach each of them must be as it was, to the last property. */
  readonly targets: readonly object[];
  attach(recorder: Recorder): Attachment;
  /**
   * Puts the items through the library, by an instance of its own, and calls `work` from within the function that the
   * library calls.
   *
   * @returns all that the application can see of it: results, what `this` was, what the library's functions returned.
   *   It is compared with `toEqual`, so that it must not hold times or identities of its own.
   * @throws what the library gives the application when `work` throws
   */
  run(items: readonly number[], work: Work): Promise<unknown>;
}
