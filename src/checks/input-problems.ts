import type { Problem } from "../syntax/parse.ts";
import type { CheckContext, Found } from "./check.ts";

/** Problems of one kind as findings, each at the statement, with the place where reading stopped. */
export function* problemsOf(context: CheckContext, kind: Problem["kind"]): Generator<Found> {
  const dumps = new Map(context.dumps.map((dump) => [dump.file, dump]));
  for (const problem of context.problems) {
    if (problem.kind !== kind) continue;
    const dump = dumps.get(problem.file)!;
    const { line, column } = dump.lines.position(problem.at);
    yield {
      message: problem.message,
      at: { dump, range: problem.range },
      data: {
        stoppedAt: { line, column },
        text: dump.text.slice(problem.range.start, problem.range.end).slice(0, 500),
      },
    };
  }
}
