// The same application without streams: loops between queues, with stages that it declares by itself. It is the one
// file of the example that knows Pinchpoint.
import { type Pipeline, pipeline, type Stage, start } from "pinchpoint";
import type { FeatureBatch, FlightBatch, RawBatch, ScoredBatch } from "./batch.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import { runCommand } from "./command.ts";
import { Decoding } from "./decoding.ts";
import { EveryOther } from "./every-other.ts";
import { Featuring } from "./featuring.ts";
import type { Ends } from "./flow.ts";
import type { Scoring } from "./scoring.ts";
import { batchesInFlight, type Settings } from "./settings.ts";
import { Slots } from "./slots.ts";

async function connectLoops(ends: Ends, settings: Settings): Promise<void> {
  const { reading, scoring, storing } = ends;
  const flights = pipeline("flight-features");
  const one = { workers: 1 };
  const read = flights.source("read", one);
  const decode = flights.stage("decode", { from: [read], ...one });
  const features = flights.stage("features", { from: [decode], ...one });
  const score = flights.stage("score", { from: [features], workers: scoring.batchesUnderWay });
  const store = flights.sink("store", { from: [score], ...one });

  const raw = new BoundedQueue<RawBatch>(batchesInFlight);
  const decoded = new BoundedQueue<FlightBatch>(batchesInFlight);
  const featured = new BoundedQueue<FeatureBatch>(batchesInFlight);
  const scored = new BoundedQueue<ScoredBatch>(batchesInFlight);
  const decoding = new Decoding(settings);
  const featuring = new Featuring(settings);

  const readAll = async (): Promise<void> => {
    for (;;) {
      const batch = await read.run(() => reading.next());
      if (batch === null) return raw.end();
      await read.push(() => raw.put(batch));
    }
  };
  const scoreOne = scorerOf(flights, score, scoring, settings);
  const scoreAll = async (): Promise<void> => {
    const underWay: Promise<ScoredBatch>[] = [];
    const limit = settings.halved === "score" ? 2 * scoring.batchesUnderWay : scoring.batchesUnderWay;
    const handOn = async (): Promise<void> => {
      const oldest = await (underWay.shift() as Promise<ScoredBatch>);
      await score.push(() => scored.put(oldest));
    };
    for await (const batch of score.pull(featured)) {
      const result = scoreOne(batch);
      // Whoever hands it on hears of the error; until then it must not count as unhandled.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= limit) await handOn();
    }
    while (underWay.length > 0) await handOn();
    scored.end();
  };
  const storeAll = async (): Promise<void> => {
    for await (const batch of store.pull(scored)) {
      await store.run(() => storing.store(batch), { items: batch.flights });
    }
  };
  try {
    await Promise.all([
      readAll(),
      throughStage(decode, raw, decoded, (batch) => decoding.decode(batch)),
      throughStage(features, decoded, featured, (batch) => featuring.compute(batch)),
      scoreAll(),
      storeAll(),
    ]);
    await Promise.all([reading.close(), scoring.close(), storing.close()]);
  } catch (error) {
    await Promise.all([reading.close(), scoring.destroy(), storing.dispose()]);
    throw error;
  }
}

/** One batch after the other, each worked on synchronously. */
async function throughStage<In, Out>(
  stage: Stage,
  input: BoundedQueue<In>,
  output: BoundedQueue<Out>,
  work: (batch: In) => Out,
): Promise<void> {
  for await (const batch of stage.pull(input)) {
    const result = stage.run(() => work(batch));
    await stage.push(() => output.put(result));
  }
  output.end();
}

/** Scores a batch: waits for one of the pool's threads and uses it, or calls the scorer. */
function scorerOf(
  flights: Pipeline,
  stage: Stage,
  scoring: Scoring,
  settings: Settings,
): (batch: FeatureBatch) => Promise<ScoredBatch> {
  const everyOther = new EveryOther<Promise<ScoredBatch>>(settings.halved === "score");
  const { scoreThreads } = settings;
  const isPool = settings.scoring === "pool";
  const resource = isPool
    ? flights.resource(scoring.name, { kind: "pool", capacity: scoreThreads })
    : flights.resource(scoring.name, { kind: "service" });
  // How many batches the scorer works on at once is its own business: there is no queue before it.
  const slots = new Slots(isPool ? scoreThreads : scoring.batchesUnderWay);
  const score = async (batch: FeatureBatch): Promise<ScoredBatch> => {
    const free = await stage.wait(resource, () => slots.take());
    try {
      const lateProbability = await stage.use(resource, () => scoring.score(batch.features, batch.flights));
      return { ...batch, lateProbability };
    } finally {
      free();
    }
  };
  return (batch) => everyOther.take() ?? everyOther.keep(stage.run(() => score(batch), { items: batch.flights }));
}

start();
await runCommand(process.argv.slice(2), connectLoops);
