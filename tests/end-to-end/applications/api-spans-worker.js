import * as api from "@opentelemetry/api";
import { makeSpans } from "./api-spans-work.js";

makeSpans(api, () => import("@opentelemetry/sdk-node"));
