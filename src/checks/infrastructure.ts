import { AddressError, parseAddress } from "../model/address.ts";
import type { Host } from "../model/host.ts";
import type { Source } from "../model/rule.ts";

/** An address of the infrastructure that a session names. */
export interface Infrastructure {
  readonly family: "ipv4" | "ipv6";
  readonly address: number | bigint;
  readonly text: string;
  /** All that it is, such as `vmkernel vmk0 of ESXi-04`. */
  readonly roles: readonly string[];
  /** True if it is only the gateway of machines, which every machine has to reach for some things. */
  readonly gateway: boolean;
  readonly at: Source;
}

/** Addresses of vmkernel ports, tunnel endpoints, router interfaces and controllers; each once, with all its roles. */
export function infrastructureOf(hosts: readonly Host[]): Infrastructure[] {
  const found = new Map<string, Infrastructure>();
  const add = (text: string | null, role: string, gateway: boolean, at: Source): void => {
    const address = text === null ? null : singleAddress(text);
    if (address === null) return;
    const known = found.get(address.text);
    if (known?.roles.includes(role) === true) return;
    found.set(address.text, {
      ...address,
      roles: [...(known?.roles ?? []), role],
      gateway: gateway && (known?.gateway ?? true),
      at: known?.at ?? at,
    });
  };
  for (const { vmkernel, routers, segments, tunnelSwitches } of hosts) {
    for (const { name, address, stack, source } of vmkernel) {
      const tunnel = stack !== null && /^(?:vxlan|hyperbus)$/i.test(stack);
      add(address, tunnel ? `tunnel endpoint ${name}` : `vmkernel ${name}`, false, source);
    }
    for (const { name, gateway, source } of tunnelSwitches)
      add(gateway, `gateway of the tunnels of ${name ?? "a switch"}`, false, source);
    for (const { controller, source } of segments)
      add(/^(\S+)/.exec(controller ?? "")?.[1] ?? null, "controller", false, source);
    for (const { name, controller, controlPlane, interfaces, source } of routers) {
      add(controller, "controller", false, source);
      add(controlPlane, "control plane", false, source);
      for (const one of interfaces)
        add(one.address, `interface ${one.name} of router ${name ?? "without a name"}`, true, one.source);
    }
  }
  return [...found.values()];
}

function singleAddress(text: string): Pick<Infrastructure, "family" | "address" | "text"> | null {
  try {
    const { family, first, last } = parseAddress(text);
    // No address at all, and what is known by a host's own loop.
    if (family === "mac" || first !== last || first === 0 || first === 0n) return null;
    return { family, address: first, text };
  } catch (error) {
    if (error instanceof AddressError) return null;
    throw error;
  }
}
