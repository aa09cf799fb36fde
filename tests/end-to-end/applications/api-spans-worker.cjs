const api = require("@opentelemetry/api");

import("./api-spans-work.js").then(({ makeSpans }) => makeSpans(api, () => require("@opentelemetry/sdk-node")));
