import type { Host } from "../model/host.ts";
import type { VnicResult } from "./results.ts";

/** Whose each filter is, where a session shows it. */
export function vnicsOfFilters(hosts: readonly Host[]): ReadonlyMap<string | null, VnicResult> {
  const vnics = new Map<string | null, VnicResult>();
  for (const { filters } of hosts)
    for (const { name, vnic, machine } of filters)
      if (vnic !== null) vnics.set(name, { machine, name: vnic });
  return vnics;
}
