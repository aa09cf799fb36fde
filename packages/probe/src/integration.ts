import type { AnyRecorder, Attachment } from "./any-recorder.ts";
import type { Recorder } from "./recorder.ts";

/**
 * How Pinchpoint meets a foreign thing (a stream module, a pool's class): `attach` makes it record, `detach` restores
 * it exactly. What the application sees stays the same: return values and `this`, the same error object, one finish per
 * arrival, the caller's context; and a recorder that fails is invisible.
 */
export interface Integration<Target extends object, By extends AnyRecorder = Recorder> {
  readonly name: string;
  attach(target: Target, recorder: By): Attachment;
}

/**
 * Attaches an integration once: a second call for the same target and recorder returns the first attachment. A target
 * that the integration cannot attach to stays as it is, and is counted as `not-patched`.
 */
export function attachOnce<Target extends object, By extends AnyRecorder>(
  integration: Integration<Target, By>,
  target: Target,
  recorder: By,
): Attachment {
  const { attachments } = recorder;
  const byTarget = attachments.get(integration.name) ?? new WeakMap<object, Attachment>();
  attachments.set(integration.name, byTarget);
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

function attach<Target extends object, By extends AnyRecorder>(
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
