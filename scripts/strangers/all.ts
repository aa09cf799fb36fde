import { csvParser } from "./csv-parser.ts";
import { csvtojson } from "./csvtojson.ts";
import { eslint } from "./eslint.ts";
import { fastify } from "./fastify.ts";
import { fastq } from "./fastq.ts";
import { httpServer } from "./http-server.ts";
import { jsonServer } from "./json-server.ts";
import { jsonStream } from "./json-stream.ts";
import { linkinator } from "./linkinator.ts";
import { mocha } from "./mocha.ts";
import { ndjsonCli } from "./ndjson-cli.ts";
import { pino } from "./pino.ts";
import { pinoPretty } from "./pino-pretty.ts";
import { prettier } from "./prettier.ts";
import { rollup } from "./rollup.ts";
import { serve } from "./serve.ts";
import type { Stranger } from "./stranger.ts";
import { vitest } from "./vitest.ts";

export const strangers: readonly Stranger[] = [
  csvtojson,
  csvParser,
  jsonStream,
  pinoPretty,
  ndjsonCli,
  httpServer,
  serve,
  jsonServer,
  fastify,
  pino,
  eslint,
  vitest,
  rollup,
  linkinator,
  mocha,
  fastq,
  prettier,
];
