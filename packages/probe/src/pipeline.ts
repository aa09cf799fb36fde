import {
  checkAttributes,
  checkCapacity,
  checkContext,
  checkFrom,
  checkKind,
  checkName,
  checkWorkers,
} from "./declaration-check.ts";
import { PassingStage, type Resource, type Stage } from "./pipeline-stage.ts";
import type { Recorder } from "./recorder.ts";
import { RecordingStage } from "./recording-stage.ts";
import type { Attributes, ResourceKind, StageRole } from "./snapshot.ts";
import type { UnitContext } from "./unit-runner.ts";

export interface PipelineOptions {
  /** Bound to every metric of the pipeline's stages; keep the values few. */
  readonly attributes?: Attributes;
}

export interface StageDeclaration {
  /** The stages that feed this one. */
  readonly from?: readonly Stage[];
  /** How many items it may work on at once; where it is not declared, what is seen counts. */
  readonly workers?: number;
  readonly attributes?: Attributes;
  /**
   * How it is known which calls are the stage's. `ambient` (default): also those after an `await` within `run`, by an
   * AsyncLocalStorage, which costs a `run` that returns a promise more than all the rest of it. `synchronous`: only those that are
   * made before the function returns; later ones, `wait`, `use` and `push` among them, are not known to be of the hand-over.
   */
  readonly context?: UnitContext;
}

export interface ResourceDeclaration {
  readonly kind: ResourceKind;
  /** How many may hold it at once, where that is known. */
  readonly capacity?: number;
}

/** Declares stages by hand; the preload finds those of streams by itself. */
export interface Pipeline {
  readonly name: string;
  source(name: string, declaration?: Omit<StageDeclaration, "from">): Stage;
  stage(name: string, declaration?: StageDeclaration): Stage;
  sink(name: string, declaration?: StageDeclaration): Stage;
  resource(name: string, declaration: ResourceDeclaration): Resource;
}

/**
 * Opens a pipeline on a recorder. Without one (null) every call of its stages passes straight through.
 *
 * @throws PinchpointError where a declaration is wrong, here and from the pipeline's own methods: with a recorder and
 *   without one, so that a mistake shows before production
 */
export function openPipeline(recorder: Recorder | null, name: string, options: PipelineOptions = {}): Pipeline {
  checkName("pipeline", name);
  checkAttributes(options.attributes);
  const declare =
    (role: StageRole) =>
    (stageName: string, declaration: StageDeclaration = {}) => {
      checkName("stage", stageName);
      checkWorkers(declaration.workers);
      checkAttributes(declaration.attributes);
      checkFrom(declaration.from);
      checkContext(declaration.context);
      if (recorder === null) return new PassingStage(stageName);
      const attributes = { ...options.attributes, ...declaration.attributes };
      const workers = declaration.workers ?? null;
      const row = recorder.openStage({ pipeline: name, name: stageName, role, workers, attributes });
      if (row === null) return new PassingStage(stageName);
      for (const from of declaration.from ?? []) {
        if (from instanceof RecordingStage) recorder.connect(from.recorder, row);
      }
      return new RecordingStage(stageName, name, recorder, row, declaration.context);
    };
  return {
    name,
    source: declare("source"),
    stage: declare("stage"),
    sink: declare("sink"),
    resource: (resourceName, declaration) => {
      checkName("resource", resourceName);
      checkKind(declaration?.kind);
      checkCapacity(declaration.capacity);
      return { name: resourceName, kind: declaration.kind, capacity: declaration.capacity ?? null };
    },
  };
}
