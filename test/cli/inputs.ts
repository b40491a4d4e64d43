/** Dumps for the tests of the command line. */

/** One filter in which something of every kind happens: shadowed, redundant, mixed, uncertain, no match. */
export const OFFICE = `ruleset domain-c9 {
  # Filter rules
  rule 3101 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 3102 at 2 inout protocol tcp from addrset guests to addrset web port 443 drop with log;
  rule 3103 at 3 inout protocol tcp from addrset admins to any port 22 with attribute profile ssh-v2 accept;
  rule 3104 at 4 inout protocol tcp from any to any port 22 reject;
  rule 3105 at 5 inout protocol tcp from addrset admins to addrset web port {80, 8080-8090} accept tag 'kept; as it is';
  rule 3106 at 6 inout protocol tcp from addrset admins to addrset web port 8085 accept;
  rule 3107 at 7 in inet protocol udp from any to any port 53 accept;
}
addrset web {
ip 10.4.1.10,
ip 10.4.1.11,
}
addrset guests {
ip 10.4.9.0/24,
}
addrset admins {
ip 10.4.7.5,
}
`;

/** Two filters in one terminal log; both define web, and differently. */
export const TWO_FILTERS = `[root@esx-07:~] vsipioctl getrules -f nic-100-eth0-vmware-sfw.2
ruleset mainrs {
  # FILTER (APP Category) rules
  rule 4001 at 1 inout protocol tcp from any to addrset web port 443 accept;
  rule 4002 at 2 inout protocol tcp from addrset web to addrset web port 443 drop;
  rule 4009 at 3 inout protocol any from any to any drop with log;
}
[root@esx-07:~] vsipioctl getaddrsets -f nic-100-eth0-vmware-sfw.2
addrset web {
ip 10.6.1.10,
}
addrset left-over {
ip 10.6.9.9,
}
[root@esx-07:~] vsipioctl getrules -f nic-200-eth0-vmware-sfw.2
ruleset mainrs {
  # FILTER (APP Category) rules
  rule 4101 at 1 inout protocol tcp from any to addrset web port 443 reject;
  rule 4109 at 2 inout protocol any from any to any drop with log;
}
[root@esx-07:~] vsipioctl getaddrsets -f nic-200-eth0-vmware-sfw.2
addrset web {
ip 10.6.2.20,
}
[root@esx-07:~]
`;
