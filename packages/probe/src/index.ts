export type { Attachment } from "./any-recorder.ts";
export type { BoundHistogram } from "./bound-histogram.ts";
export { type CallSite, callSite } from "./call-site.ts";
export { CarriedWork, carriedText, goOn, runCarried } from "./carrier.ts";
export { ATTRIBUTE, METRICS, type Metric, type MetricKey } from "./catalogue.ts";
export type { SlabShare, ThreadIdentity } from "./claimed-slot.ts";
export { type Clock, systemClock } from "./clock.ts";
export { DURATION_GRID, type DurationBuckets } from "./duration-buckets.ts";
export type { Exemplar } from "./exemplar.ts";
export type { UnitOrigin } from "./exemplar-window.ts";
export { attachOnce, type Integration } from "./integration.ts";
export { LOSS_REASONS, type LossReason } from "./losses.ts";
export type { Lane } from "./message-lane.ts";
export { FROM_WORKER, MessageLanes, TO_WORKER } from "./message-lanes.ts";
export type { ResourceOptions } from "./opened-rows.ts";
export type { OutsideHold, OutsideHolder } from "./outside.ts";
export { OVERFLOW_ATTRIBUTE } from "./overflow.ts";
export { PinchpointError, type PinchpointErrorCode } from "./pinchpoint-error.ts";
export {
  openPipeline,
  type Pipeline,
  type PipelineOptions,
  type ResourceDeclaration,
  type StageDeclaration,
} from "./pipeline.ts";
export { checkPipeline } from "./pipeline-name.ts";
export type { Resource, RunOptions, Stage, Unit, UnitDeclaration } from "./pipeline-stage.ts";
export { type Headers, propagatorsOf, tellContext } from "./propagation.ts";
export { type CalledResource, Recorder, type Room } from "./recorder.ts";
export {
  inPlaceOf,
  isReplaceable,
  type Method,
  type MethodReplacement,
  replaceMethod,
  replaceMethods,
} from "./replace-method.ts";
export type { ResourceRecorder } from "./resource.ts";
export type { ResourceCall } from "./resource-call.ts";
export { rootShareOf } from "./root-sampling.ts";
export { settle } from "./settle.ts";
export { MAX_THREADS } from "./slot-memory.ts";
export type {
  Attributes,
  Edge,
  ResourceDefinition,
  ResourceKind,
  ResourceRow,
  Snapshot,
  StageDefinition,
  StageRole,
  StageRow,
  ThreadDefinition,
  ThreadRole,
} from "./snapshot.ts";
export { type Span, UntoldSpan } from "./span.ts";
export { SpanIds } from "./span-ids.ts";
export type { SpanRecord } from "./span-ring.ts";
export type { StageOptions, StageRecorder } from "./stage.ts";
export { BLOCKED, SELF, STARVED, STATES, type State, type StateIndex, UNKNOWN, USE, WAIT } from "./state-clock.ts";
export { ThreadTracer } from "./thread-tracer.ts";
export { contextOf, contextOfText, type TraceContext, textOfContext } from "./trace-context.ts";
export { TRACES_PER_SECOND, type Traces } from "./traces.ts";
export type {
  MadeAttributes,
  MadeEvent,
  MadeSpan,
  MadeValue,
  SpanAttributes,
  SpanHandle,
  SpanKind,
  SpanOutcome,
  SpanStart,
  Tracing,
} from "./tracing.ts";
export { UnitRunner } from "./unit-runner.ts";
export { isUnrecorded, markUnrecorded } from "./unrecorded.ts";
export { Visits } from "./visits.ts";
export { enterWork, leaveWork, runAs, runAsUntilReturn, runningSpan, runningWork, type Work } from "./work.ts";
