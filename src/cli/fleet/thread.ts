import workerpool from "workerpool";
import { runJob } from "./job.ts";

/** Makes this thread one that answers. */
export function serve(): void {
  workerpool.worker({ run: runJob });
}
