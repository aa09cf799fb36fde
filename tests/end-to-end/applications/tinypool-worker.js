// Tells, in a stage named after what it is asked, what it was asked; in the threads of tinypool.js.
import { pipeline } from "pinchpoint";

const app = pipeline("pooled");

/** @param {{ name: string, value?: unknown }} task */
export default function tell(task) {
  return app.stage(`work ${task.name}`).run(async () => {
    if (task.name === "h") throw new RangeError("refused");
    return task;
  });
}
