// What meets foreign things before there is anything to record; worker threads load no more of this package at first.
export type { AnyRecorder, Attachment } from "./any-recorder.ts";
export type { ClaimedSlot, SlabShare, ThreadIdentity } from "./claimed-slot.ts";
export { attachOnce, type Integration } from "./integration.ts";
export { LateRecorder } from "./late-recorder.ts";
export type { LossReason } from "./losses.ts";
export { checkPipeline } from "./pipeline-name.ts";
export {
  inPlaceOf,
  isReplaceable,
  type Method,
  type MethodReplacement,
  replaceMethod,
  replaceMethods,
} from "./replace-method.ts";
