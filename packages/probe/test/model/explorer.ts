/** One step of a model: what is printed of it, and where it leads or what it breaks. */
export interface Step<State> {
  readonly label: string;
  readonly next: State;
  /** The property that this step breaks; null where none is. */
  readonly broken: string | null;
}

export interface Model<State> {
  readonly start: State;
  /** Equal for states that behave equally from now on. */
  readonly key: (state: State) => string;
  readonly steps: (state: State) => readonly Step<State>[];
}

export interface Exploration {
  readonly states: number;
  /** The labels of a shortest way to a broken property, which comes last; null where nothing can be broken. */
  readonly counterexample: readonly string[] | null;
}

interface Visit<State> {
  readonly state: State;
  readonly from: Visit<State> | null;
  readonly label: string;
}

/**
 * Every state that can be reached, nearest first, so that the first way to a broken property is a shortest one.
 *
 * @param maxStates - how many it may take, so that a mistake in a model does not fill the machine
 * @throws RangeError beyond them
 */
export function explore<State>(model: Model<State>, maxStates: number): Exploration {
  const seen = new Set([model.key(model.start)]);
  let front: Visit<State>[] = [{ state: model.start, from: null, label: "" }];
  while (front.length > 0) {
    const following: Visit<State>[] = [];
    for (const visit of front) {
      for (const { label, next, broken } of model.steps(visit.state)) {
        const step = { state: next, from: visit, label };
        if (broken !== null) return { states: seen.size, counterexample: [...labelsTo(step), broken] };
        const key = model.key(next);
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size > maxStates) throw new RangeError(`the model has more than ${maxStates} states`);
        following.push(step);
      }
    }
    front = following;
  }
  return { states: seen.size, counterexample: null };
}

function labelsTo<State>(last: Visit<State>): readonly string[] {
  const labels: string[] = [];
  for (let visit = last; visit.from !== null; visit = visit.from) labels.unshift(visit.label);
  return labels;
}
