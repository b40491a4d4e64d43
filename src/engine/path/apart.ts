import type { PacketSet } from "../../analysis/packet-set.ts";
import type { Detail, FrameAddresses } from "../../analysis/passage.ts";
import type { AddressSet, Direction, Filter } from "../../model/rule.ts";
import { setsFrom, type Answer, type PassQuestion, type Question } from "../parts/apart.ts";
import { setsAskedFor } from "../query.ts";
import { packetsFrom, plainPackets } from "../parts/packets.ts";
import { placed, type FilterPlace } from "../parts/places.ts";
import type { Session } from "../parts/session.ts";
import type { RuleReferenceResult } from "../results.ts";
import type { PathFields } from "./ends.ts";
import { pathOf } from "./path.ts";
import type { PathResult } from "./results.ts";
import { ReadRules, type AskedRules, type Passing, type RuleName } from "./rules.ts";
import { pathSessions, type PathSessions } from "./sessions.ts";

/**
 * Ways through sessions whose filters are read apart. Which filters are on a way does not depend on their rules: so it
 * is gone once to see what they are asked, and again with what they answer.
 */

/** Asks a filter of a session by its name. */
export type AskFilter = (
  name: string,
  question: Question,
) => Promise<Pick<Extract<Answer, { apart: true }>, "sets" | "passes" | "named">>;

export interface ApartSessions {
  readonly sessions: PathSessions;
  /** @throws FlowError or PathError as `pathOf` does */
  readonly answer: () => Promise<PathResult>;
}

export async function apartSessions(
  session: Session,
  fields: PathFields,
  ask: AskFilter,
): Promise<ApartSessions> {
  const sets = await namedSets(session, fields, ask);
  const apart: ApartRules[] = [];
  const filters = session.input.filters.map((analysis): AskedRules => {
    const { filter } = analysis;
    const part = filter.elsewhere === undefined ? undefined : session.parts.get(filter.name!);
    if (part === undefined) return new ReadRules(analysis);
    const rules = new ApartRules(filter, sets.get(part.place.name) ?? filter.addressSets, part.place);
    apart.push(rules);
    return rules;
  });
  const sessions = pathSessions(session.input.dumps, session.hosts, filters);
  return {
    sessions,
    async answer() {
      for (;;) {
        const result = pathOf(sessions, fields);
        const open = apart.filter((rules) => rules.isOpen);
        if (open.length === 0) return result;
        await Promise.all(open.map((rules) => rules.read(ask)));
      }
    },
  };
}

/** Of each filter that has one of the sets that the question names: all its sets, and of these the members. */
async function namedSets(
  { parts, input }: Session,
  fields: PathFields,
  ask: AskFilter,
): Promise<ReadonlyMap<string, ReadonlyMap<string, AddressSet>>> {
  const asked = new Set(setsAskedFor(fields));
  const outlines = new Map(input.model.filters.map(({ name, addressSets }) => [name, addressSets]));
  const known = new Map<string, Promise<AddressSet>>();
  const found = new Map<string, ReadonlyMap<string, AddressSet>>();
  await Promise.all(
    [...parts].map(async ([filter, { read }]) => {
      const named = (read.answer.facts?.sets ?? []).filter(({ name }) => asked.has(name));
      if (named.length === 0) return;
      const own = new Map(outlines.get(filter));
      for (const { name, members } of named) {
        const key = JSON.stringify([name, members ?? filter]);
        const set =
          known.get(key) ??
          ask(filter, { kind: "sets", names: [name] }).then(({ sets }) => setsFrom(sets).get(name)!);
        known.set(key, set);
        own.set(name, await set);
      }
      found.set(filter, own);
    }),
  );
  return found;
}

/** Rules of a filter that is read apart: until they are, it answers nothing and remembers what it was asked. */
class ApartRules implements AskedRules {
  readonly filter: Filter;
  readonly addressSets: ReadonlyMap<string, AddressSet>;
  readonly #place: FilterPlace;
  /** The same of every question. */
  #packets: PacketSet = [];
  readonly #passes = new Map<
    string,
    { readonly question: PassQuestion; answer: readonly Passing[] | null }
  >();
  readonly #named = new Map<
    string,
    { readonly name: RuleName; answer: { readonly rule: RuleReferenceResult | null } | null }
  >();

  constructor(filter: Filter, addressSets: ReadonlyMap<string, AddressSet>, place: FilterPlace) {
    this.filter = filter;
    this.addressSets = addressSets;
    this.#place = place;
  }

  pass(packets: PacketSet, direction: Direction, frames: FrameAddresses, detail: Detail): readonly Passing[] {
    this.#packets = packets;
    const question = { direction, frames, detail };
    const key = JSON.stringify(question);
    const known = this.#passes.get(key) ?? { question, answer: null };
    this.#passes.set(key, known);
    return known.answer ?? [];
  }

  find({ ruleset, category, id, position }: RuleName): RuleReferenceResult | null {
    const name = { ruleset, category, id, position };
    const key = JSON.stringify(name);
    const known = this.#named.get(key) ?? { name, answer: null };
    this.#named.set(key, known);
    return known.answer?.rule ?? null;
  }

  /** True if something was asked that is not answered. */
  get isOpen(): boolean {
    return [...this.#passes.values(), ...this.#named.values()].some(({ answer }) => answer === null);
  }

  async read(ask: AskFilter): Promise<void> {
    const passes = [...this.#passes.values()].filter(({ answer }) => answer === null);
    const named = [...this.#named.values()].filter(({ answer }) => answer === null);
    const answer = await ask(this.#place.name, {
      kind: "path",
      packets: plainPackets(this.#packets),
      passes: passes.map(({ question }) => question),
      rules: named.map(({ name }) => name),
    });
    for (const [index, pass] of passes.entries()) {
      pass.answer = placed(answer.passes[index]!, this.#place).map((passing) => ({
        ...passing,
        packets: packetsFrom(passing.packets),
      }));
    }
    for (const [index, one] of named.entries())
      one.answer = { rule: placed(answer.named[index]!, this.#place) };
  }
}
