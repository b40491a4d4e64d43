import { captureFacts, captureLines } from "../capture.ts";
import type { CaptureResult } from "../results.ts";
import { readQuestion, type PathFields } from "./ends.ts";
import type { FilterStep, PathPlace, PathResult } from "./results.ts";
import type { PathSessions } from "./sessions.ts";

/**
 * The lines of `pktcap-uw` for a flow at every filter that it is known to meet: as `out` at the source's, and as `in` at
 * the destination's.
 * @throws FlowError or PathError as the question itself does
 */
export function pathCaptures(
  sessions: PathSessions,
  fields: PathFields,
  { pieces }: PathResult,
): CaptureResult[] {
  const { flow } = readQuestion(sessions, fields);
  const steps = new Map<string, FilterStep & { readonly place: PathPlace }>();
  for (const { steps: all } of pieces) {
    for (const step of all) {
      if (step.type !== "filter" || step.place === null || step.place.filter === null) continue;
      const { place } = step;
      steps.set(JSON.stringify([step.side, place.host, place.filter]), { ...step, place });
    }
  }
  return [...steps.values()].map(({ direction, place: { host, filter, vnic } }) => {
    const known = sessions.places.find(
      (place) => place.filter === filter && (place.host?.name ?? null) === host,
    );
    const hosts = sessions.hosts.filter(({ name }) => name === host);
    const facts = { ...captureFacts(hosts, filter!), host, vnic };
    const printed = known?.printedFilter ?? filter!;
    return { ...captureLines(printed, { ...flow, directions: [direction] }, facts), filter };
  });
}
