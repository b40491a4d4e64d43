/**
 * Keywords of IANA's registry "Assigned Internet Protocol Numbers", in lower case, at their number.
 * Empty where the registry has no keyword.
 */
const KEYWORDS = (
  "hopopt icmp igmp ggp ipv4 st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon xnet chaos udp mux dcn-meas hmp " +
  "prm xns-idp trunk-1 trunk-2 leaf-1 leaf-2 rdp irtp iso-tp4 netblt mfe-nsp merit-inp dccp 3pc idpr xtp ddp " +
  "idpr-cmtp tp++ il ipv6 sdrp ipv6-route ipv6-frag idrp rsvp gre dsr bna esp ah i-nlsp swipe narp mobile tlsp skip " +
  "ipv6-icmp ipv6-nonxt ipv6-opts - cftp - sat-expak kryptolan rvd ippc - sat-mon visa ipcv cpnx cphb wsn pvp " +
  "br-sat-mon sun-nd wb-mon wb-expak iso-ip vmtp secure-vmtp vines iptm nsfnet-igp dgp tcf eigrp ospfigp sprite-rpc " +
  "larp mtp ax.25 ipip micp scc-sp etherip encap - gmtp ifmp pnni pim aris scps qnx a/n ipcomp snp compaq-peer " +
  "ipx-in-ip vrrp pgm - l2tp ddx iatp stp srp uti smp sm ptp isis fire crtp crudp sscopmce iplt sps pipe sctp fc " +
  "rsvp-e2e-ignore mobility-header udplite mpls-in-ip manet shim6 wesp rohc ethernet aggfrag nsh homa"
).split(" ");

/** Older names that dumps and administrators use. */
const ALIASES: Readonly<Record<string, number>> = {
  icmp6: 58,
  icmpv6: 58,
  "ipv6-crypt": 50,
  "ipv6-auth": 51,
  ospf: 89,
  ipinip: 4,
  ipencap: 4,
};

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...KEYWORDS.flatMap((keyword, number): [string, number][] => (keyword === "-" ? [] : [[keyword, number]])),
  ...Object.entries(ALIASES),
]);

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const IPV6_ICMP = 58;
export const SCTP = 132;

/** The number of a protocol by name or decimal number; null if nobody assigned such a name. */
export function protocolNumber(name: string): number | null {
  if (/^\d{1,9}$/.test(name)) return Number(name);
  return NUMBERS.get(name.toLowerCase()) ?? null;
}

export function protocolName(number: number): string {
  const keyword = KEYWORDS[number];
  return keyword === undefined || keyword === "-" ? `${number}` : keyword;
}

export function knownProtocolNames(): string[] {
  return [...NUMBERS.keys()];
}
