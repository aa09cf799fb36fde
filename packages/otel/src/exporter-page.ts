import type { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Page, PageFormat } from "./page.ts";
import { exporterPrometheus } from "./sdk-modules.ts";

/**
 * The page as exporter-prometheus renders it, in its text form alone: any producer's metrics, names without units, no
 * exemplars. The exporter is loaded when the first scrape arrives.
 */
export class ExporterPage implements Page {
  readonly formats: readonly PageFormat[] = ["prometheus"];
  readonly #producer: MetricProducer;
  #serializer: PrometheusSerializer | null = null;

  constructor(producer: MetricProducer) {
    this.#producer = producer;
  }

  async render(): Promise<Buffer> {
    const { resourceMetrics, errors } = await this.#producer.collect();
    if (errors.length > 0) throw errors[0];
    this.#serializer ??= new (exporterPrometheus().PrometheusSerializer)();
    return Buffer.from(`${this.#serializer.serialize(resourceMetrics)}\n`);
  }
}
