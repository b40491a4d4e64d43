import type { FirewallFilter, Host, Machine, Vnic } from "../model/host.ts";
import type { CheckContext } from "./check.ts";

/** A filter that the session shows at a vNIC of a machine. */
export interface PlacedFilter {
  readonly host: Host;
  readonly filter: FirewallFilter & { readonly name: string };
}

/** The firewall filters of a host whose vNICs are known: only of those it is certain that they are on one host. */
export function placedFilters(host: Host): PlacedFilter[] {
  return host.filters.flatMap((filter) => {
    const { name, vnic } = filter;
    return name === null || vnic === null ? [] : [{ host, filter: { ...filter, name } }];
  });
}

/** Machines of all hosts with their vNICs. */
export function* allVnics({ hosts }: CheckContext): Generator<{ host: Host; machine: Machine; vnic: Vnic }> {
  for (const host of hosts)
    for (const machine of host.machines) for (const vnic of machine.vnics) yield { host, machine, vnic };
}

/** `filter nic-1-eth0-vmware-sfw.2 (AW1.eth0)`. */
export function filterName({ name, vnic }: Pick<FirewallFilter, "name" | "vnic">): string {
  const where = vnic === null ? "" : ` (${vnic})`;
  return name === null ? `the filter${where}` : `filter ${name}${where}`;
}
