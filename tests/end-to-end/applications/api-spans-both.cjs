// Makes spans by one build of the API, and registers an SDK with the other one.
const api = require("@opentelemetry/api");

import("./api-spans-work.js").then(({ makeSpans }) => makeSpans(api, () => import("@opentelemetry/sdk-node")));
