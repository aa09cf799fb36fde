export {
  type Attachment,
  type Attributes,
  PinchpointError,
  type PinchpointErrorCode,
  type Pipeline,
  type PipelineOptions,
  type Recorder,
  type Resource,
  type ResourceDeclaration,
  type ResourceKind,
  type RunOptions,
  type Stage,
  type StageDeclaration,
  type Unit,
  type UnitDeclaration,
} from "@pinchpoint/probe";
export { instrumentNodeStreams, type NodeStreamOptions } from "@pinchpoint/streams";
export { carry } from "./carry.ts";
export type { IntegrationName } from "./integration-names.ts";
export { type MetricProducerOptions, metricProducer } from "./metric-producer.ts";
export { pipeline } from "./pipeline.ts";
export { type StartOptions, start } from "./start.ts";
export { UsageError } from "./usage-error.ts";
