/** EtherTypes by the names that NSX's services and Linux's if_ether.h use; numbers from IANA's "IEEE 802 Numbers". */
const NUMBERS: Readonly<Record<string, number>> = {
  loop: 0x0060,
  ipv4: 0x0800,
  ip: 0x0800,
  inet: 0x0800,
  x25: 0x0805,
  arp: 0x0806,
  fr_arp: 0x0808,
  bpq: 0x08ff,
  dec: 0x6000,
  dna_dl: 0x6001,
  dna_rc: 0x6002,
  dna_rt: 0x6003,
  lat: 0x6004,
  diag: 0x6005,
  cust: 0x6006,
  sca: 0x6007,
  teb: 0x6558,
  raw_fr: 0x6559,
  rarp: 0x8035,
  atalk: 0x809b,
  appletalk: 0x809b,
  aarp: 0x80f3,
  vlan: 0x8100,
  "802_1q": 0x8100,
  ieee_802_1q: 0x8100,
  ipx: 0x8137,
  netbeui: 0x8191,
  ipv6: 0x86dd,
  inet6: 0x86dd,
  ppp: 0x880b,
  mpls: 0x8847,
  atmmpoa: 0x884c,
  ppp_disc: 0x8863,
  pppoe_disc: 0x8863,
  ppp_ses: 0x8864,
  pppoe_ses: 0x8864,
  atmfate: 0x8884,
  eapol: 0x888e,
  lldp: 0x88cc,
};

export const IPV4_ETHERTYPE = 0x0800;
export const IPV6_ETHERTYPE = 0x86dd;

/** The EtherType by name, decimal or hexadecimal number; null if the name is unknown. */
export function etherTypeNumber(name: string): number | null {
  if (/^(?:\d{1,9}|0x[0-9a-f]{1,8})$/i.test(name)) return Number(name);
  return NUMBERS[name.toLowerCase()] ?? null;
}

export function etherTypeName(number: number): string {
  const name = Object.entries(NUMBERS).find(([, value]) => value === number)?.[0];
  return name ?? `0x${number.toString(16).padStart(4, "0")}`;
}
