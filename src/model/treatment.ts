import type { Treatment } from "./rule.ts";

/** Equal text for equal treatments. `strict` matters for packets within a connection only, but people count on it. */
export function treatmentKey({ log, tags, alg, strict, stateless }: Treatment): string {
  const flags = `${log ? 1 : 0}${strict ? 1 : 0}${stateless ? 1 : 0}`;
  return alg === null && tags.length === 0 ? flags : `${flags}${JSON.stringify([tags, alg])}`;
}

export function sameTreatment(a: Treatment, b: Treatment): boolean {
  return (
    a.log === b.log &&
    a.strict === b.strict &&
    a.stateless === b.stateless &&
    a.alg === b.alg &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}
