import type { Method } from "@pinchpoint/probe";
import type { PoolTask } from "./pool-task.ts";

// biome-ignore lint/suspicious/noExplicitAny: a foreign class takes what it likes
type Class = new (...args: any[]) => object;

/**
 * Which recorded task an object of Piscina's stands for. Piscina makes that object before `run` returns, and posts it
 * then or much later, from another task's end.
 */
export class TaskLinks {
  /** Submitted, but its object is not made yet. */
  #submitted: PoolTask | null = null;
  #of: (info: object) => PoolTask | null = () => null;

  /** @returns what was submitted before: to be submitted again afterwards, because one `run` may call another */
  submits(task: PoolTask | null): PoolTask | null {
    const before = this.#submitted;
    this.#submitted = task;
    return before;
  }

  /** The recorded task of one of Piscina's; null where it has none, as one that was made before. */
  of(info: object): PoolTask | null {
    return this.#of(info);
  }

  /** The class of Piscina's tasks, so that each carries its link where nobody else sees it. */
  linking(taskClass: Method): Class {
    const take = (): PoolTask | null => this.submits(null);
    const linked = class extends (taskClass as unknown as Class) {
      readonly #task = take();

      static taskOf(info: object): PoolTask | null {
        return #task in info ? info.#task : null;
      }
    };
    this.#of = (info) => linked.taskOf(info);
    return linked;
  }
}
