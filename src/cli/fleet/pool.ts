import { availableParallelism } from "node:os";
import workerpool from "workerpool";
import { UserError, faultOf, type Io } from "../io.ts";
import { runJob, type Job, type PackedAnswer } from "./job.ts";

/** What a thread is told when it starts, so that the program knows that it is one. */
export const THREAD = "dfwlint-thread";

const YOUNG_MEGABYTES = 32;

export interface Pool {
  readonly threads: number;
  run(job: Job): Promise<PackedAnswer>;
  close(): Promise<void>;
}

/** Threads that answer questions, one a core; this thread alone where none can be started. */
export function startPool(io: Io): Pool {
  const threads = availableParallelism();
  if (io.program === undefined || threads < 2) return here();
  const pool = workerpool.pool(io.program, {
    workerType: "thread",
    maxWorkers: threads,
    workerThreadOpts: {
      workerData: THREAD,
      stdout: false,
      stderr: false,
      // Less is collected too often, and more is held by every thread for nothing.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    },
  });
  let works = false;
  return {
    threads,
    async run(job) {
      try {
        const answer = (await pool.exec("run", [job])) as PackedAnswer;
        works = true;
        return answer;
      } catch (error) {
        // A thread that answered before ran out of something: this one would too.
        if (works) throw new UserError(`a thread that read a filter ended: ${faultOf(error)}`);
        return runJob(job);
      }
    },
    async close() {
      await pool.terminate(true);
    },
  };
}

function here(): Pool {
  return {
    threads: 1,
    async run(job) {
      // Output and progress get their turn.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return runJob(job);
    },
    close: () => Promise.resolve(),
  };
}
