import type { AddressRanges } from "../model/address.ts";
import { SCTP, TCP, UDP } from "../model/protocols.ts";
import { fromSpans, type Ranges } from "../model/ranges.ts";

/** Ports that few should reach. */
export interface SensitiveService {
  /** As people call it: `SSH`. */
  readonly name: string;
  /** Of TCP, UDP and SCTP. */
  readonly protocols: readonly number[];
  readonly ports: Ranges<number>;
  /** Sources that may reach it, however many; null if none is named. */
  readonly allowedFrom: AddressRanges | null;
}

/** What the configuration says to the checks. */
export interface Settings {
  /** Values of parameters that differ from their defaults, by check and name. */
  readonly parameters: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly sensitiveServices: readonly SensitiveService[];
  readonly limits: Limits;
  /** The vNIC's own addresses; null if they are not known. */
  readonly vnicAddresses: AddressRanges | null;
}

/** How many rules are too many. */
export interface Limits {
  readonly rulesPerFilter: number;
  readonly rulesPerHost: number;
  /** From which share of a limit on it is a warning, in per cent. */
  readonly warnAtPercent: number;
}

const service = (
  name: string,
  ports: readonly number[],
  protocols: readonly number[] = [TCP],
): SensitiveService => ({
  name,
  protocols,
  ports: fromSpans(ports.map((port) => ({ first: port, last: port }))),
  allowedFrom: null,
});

/** Administration, file sharing and data stores: what an intruder looks for first. */
const SENSITIVE_SERVICES: readonly SensitiveService[] = [
  service("SSH", [22], [TCP, SCTP]),
  service("Telnet", [23]),
  service("SMB", [139, 445]),
  service("SQL Server", [1433]),
  service("Oracle", [1521]),
  service("MySQL", [3306]),
  service("Remote Desktop", [3389], [TCP, UDP]),
  service("PostgreSQL", [5432]),
  service("VNC", [5900]),
  service("WinRM", [5985, 5986]),
  service("Redis", [6379]),
  service("Elasticsearch", [9200]),
  service("MongoDB", [27_017]),
];

/** 4,000 rules a vNIC and 120,000 a host are what NSX 3.2 to 4.x is tested with. */
export const DEFAULT_SETTINGS: Settings = {
  parameters: new Map(),
  sensitiveServices: SENSITIVE_SERVICES,
  limits: { rulesPerFilter: 4000, rulesPerHost: 120_000, warnAtPercent: 80 },
  vnicAddresses: null,
};
