export { type JudgeOptions, judge } from "./judge.ts";
export { validateLine } from "./line.ts";
export { parseRecording } from "./read-recording.ts";
export {
  type EncodedHistogram,
  NOT_REACHED,
  type OutsideSnapshot,
  type ProcessSnapshot,
  RECORDING_FORMAT,
  type RecordedEdge,
  type RecordedMachine,
  type RecordedProcess,
  type RecordedResource,
  type RecordedStage,
  type RecordedThread,
  type Recording,
  type RecordingHeader,
  type RecordingLine,
  type RecordingSnapshot,
  type ResourceKind,
  type ResourceSnapshot,
  STATES,
  type StageRole,
  type StageSnapshot,
  type State,
  type ThreadRole,
  type ThreadSnapshot,
} from "./recording.ts";
export { RecordingError, type RecordingErrorCode } from "./recording-error.ts";
export { type RenderOptions, renderVerdict } from "./render.ts";
export {
  type Action,
  type Confidence,
  type ConfidenceLevel,
  type Entity,
  type EntityKind,
  type Finding,
  type RuledOut,
  type StageShare,
  type Step,
  type Throughput,
  VERDICT_FORMAT,
  type Verdict,
  type VerdictKind,
} from "./verdict.ts";
