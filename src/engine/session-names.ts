import { readHosts } from "../model/host.ts";
import type { Input } from "./input.ts";

/** What findings are about. */
export interface SessionNames {
  readonly files: readonly string[];
  /** Null for a host whose name no prompt says. */
  readonly hosts: readonly (string | null)[];
  /** A file with the same bytes that was told before; null if there is none. */
  readonly sameAs: string | null;
}

/** Hosts are read only where somebody asks for them. */
export function sessionNames(input: Input): SessionNames {
  return {
    files: input.dumps.map(({ file }) => file),
    get hosts() {
      return readHosts(input.dumps, input.whole ?? input.model).map(({ name }) => name);
    },
    sameAs: null,
  };
}
