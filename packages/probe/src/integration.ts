import type { LossReason } from "./losses.ts";
import type { Recorder } from "./recorder.ts";

/** A recorder, or what will be one: both count what went wrong. */
export interface LossCounter {
  lose(reason: LossReason): void;
}

/**
 * How Pinchpoint meets a foreign thing (a stream module, a pool's class): `attach` makes it record, `detach` restores
 * it exactly. What the application sees stays the same: return values and `this`, the same error object, one finish per
 * arrival, the caller's context; and a recorder that fails is invisible.
 */
export interface Integration<Target extends object, By extends LossCounter = Recorder> {
  readonly name: string;
  attach(target: Target, recorder: By): Attachment;
}

export interface Attachment {
  detach(): void;
}

const attachments = new WeakMap<LossCounter, Map<string, WeakMap<object, Attachment>>>();

/**
 * Attaches an integration once: a second call for the same target and recorder returns the first attachment. A target
 * that the integration cannot attach to stays as it is, and is counted as `not-patched`.
 */
export function attachOnce<Target extends object, By extends LossCounter>(
  integration: Integration<Target, By>,
  target: Target,
  recorder: By,
): Attachment {
  const byName = attachments.get(recorder) ?? new Map<string, WeakMap<object, Attachment>>();
  attachments.set(recorder, byName);
  const byTarget = byName.get(integration.name) ?? new WeakMap<object, Attachment>();
  byName.set(integration.name, byTarget);
  const known = byTarget.get(target);
  if (known !== undefined) return known;
  const attached = attach(integration, target, recorder);
  const attachment = {
    detach: () => {
      if (byTarget.get(target) !== attachment) return;
      byTarget.delete(target);
      attached.detach();
    },
  };
  byTarget.set(target, attachment);
  return attachment;
}

const NOT_ATTACHED: Attachment = { detach: () => {} };

function attach<Target extends object, By extends LossCounter>(
  integration: Integration<Target, By>,
  target: Target,
  recorder: By,
): Attachment {
  try {
    return integration.attach(target, recorder);
  } catch {
    recorder.lose("not-patched");
    return NOT_ATTACHED;
  }
}
