import { createRequire } from "node:module";
import { join } from "node:path";
import type * as ResourcesModule from "@opentelemetry/resources";
import type * as SdkMetricsModule from "@opentelemetry/sdk-metrics";
import type * as SdkNodeModule from "@opentelemetry/sdk-node";

/** Parts of one installation of the SDK, loaded when they are asked for. */
export interface InstalledSdk {
  readonly node: typeof SdkNodeModule;
  readonly metrics: typeof SdkMetricsModule;
  readonly resources: typeof ResourcesModule;
  /** The class of an exporter, such as `OTLPTraceExporter` of `@opentelemetry/exporter-trace-otlp-proto`. */
  exporter(packageName: string, className: string, config: object): object;
}

/**
 * The SDK that is installed beside Pinchpoint, or in the application's folder. What belongs to it is looked for from
 * where it is, so that no two versions are mixed.
 *
 * @returns null where `@opentelemetry/sdk-node` is not installed
 */
export function installedSdk(folder: string): InstalledSdk | null {
  const path = sdkPath(folder);
  if (path === null) return null;
  const load = createRequire(path);
  return {
    node: load(path) as typeof SdkNodeModule,
    metrics: load("@opentelemetry/sdk-metrics") as typeof SdkMetricsModule,
    resources: load("@opentelemetry/resources") as typeof ResourcesModule,
    exporter: (packageName, className, config) => {
      const found = (load(packageName) as Record<string, (new (config: object) => object) | undefined>)[className];
      if (found === undefined) throw new TypeError(`${packageName} has no ${className}`);
      return new found(config);
    },
  };
}

/** Where the SDK is that `installedSdk` loads; null where none is installed. */
export function sdkPath(folder: string): string | null {
  return pathOf(import.meta.url) ?? pathOf(join(folder, "package.json"));
}

function pathOf(from: string): string | null {
  try {
    return createRequire(from).resolve("@opentelemetry/sdk-node");
  } catch {
    return null;
  }
}
