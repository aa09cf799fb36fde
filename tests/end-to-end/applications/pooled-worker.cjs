// Tells, in a stage named after what it is asked, what it was asked; in the threads of workerpool.js.
const { pipeline } = require("pinchpoint");
const workerpool = require("workerpool");

const app = pipeline("pooled");

workerpool.worker({
  /** @param {string} name @param {unknown} value */
  tell: (name, value) => app.stage(`work ${name}`).run(async () => ({ name, value })),
});
