import { shellWord } from "./shell-word.ts";

/** What a session is collected of; without a filter and a machine, of all filters. */
export interface CollectOptions {
  readonly filter?: string | undefined;
  /** A machine, one of its vNICs, or its UUID, as `summarize-dvfilter` says them. */
  readonly vm?: string | undefined;
  /** Also how often each rule was evaluated. */
  readonly statistics?: boolean;
}

/**
 * A shell script for an ESXi host that prints a session with all that is read of a host. It needs a POSIX shell and
 * awk, grep, hostname and sed, as BusyBox has them.
 */
export function collectScript({ filter = "", vm = "", statistics = false }: CollectOptions = {}): string {
  return `${HEAD}
only_filter=${shellWord(filter)}
only_machine=${shellWord(vm)}
statistics=${statistics ? "yes" : "no"}
${BODY}`;
}

// Raw strings, so that the script stands here as it is printed; it does without backticks, and without braces behind
// a dollar sign.

const HEAD = String.raw`#!/bin/sh
# Prints what dfwlint reads of an ESXi host, as one session:
#     ssh root@HOST sh < collect.sh > host.log
#     dfwlint host host.log
# It only asks: it writes no file, changes no setting and runs no name as a command.
set -u
`;

const BODY = String.raw`
# ---- a session ---------------------------------------------------------------------------------

# A word as it is typed to a shell.
typed() {
  case $1 in
    '' | *[!-A-Za-z0-9_.,:/=+@%]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# The host's prompt, and a command as it is typed there. What was printed last may lack its line end.
prompt() {
  printf '\n[root@%s:~]' "$host"
  for word in "$@"; do
    printf ' '
    typed "$word"
  done
  printf '\n'
}

# A word about the command above or the session as a whole, at a prompt, where it is no output.
remark() {
  printf '\n[root@%s:~] # dfwlint collect %s\n' "$host" "$1"
}

# True if the host has the command; else that is said.
has() {
  command -v "$1" >/dev/null 2>&1 && return
  remark "error: $1: not found"
  remark 'status: 127'
  return 1
}

# Runs a command as if it were typed. Its errors come behind what it prints, not inside of a line.
# Standard input is this script: no command may read it.
run() {
  prompt "$@"
  has "$1" || return
  errors=$("$@" 2>&1 >&3 3>&- </dev/null)
  status=$?
  [ -z "$errors" ] || printf '%s\n' "$errors" | while IFS= read -r line; do remark "error: $line"; done
  [ "$status" -eq 0 ] || remark "status: $status"
}

# The same where what goes to standard error belongs to the answer.
run_with_messages() {
  prompt "$@"
  has "$1" || return
  "$@" 2>&1 3>&- </dev/null
  status=$?
  [ "$status" -eq 0 ] || remark "status: $status"
}

# ---- names -------------------------------------------------------------------------------------

# What a command prints, to take names from.
quietly() {
  "$@" 2>/dev/null 3>&- </dev/null
}

# Names, one a line: each once, none empty.
names() {
  sed 's/^[[:space:]]*//; s/[[:space:]]*$//' | awk '$0 != "" && !known[$0]++'
}

# The firewall filters of the wanted machine. Names go to awk by the environment, which it does not interpret.
filters_by_machine() {
  quietly summarize-dvfilter | wanted=$only_machine awk '
    BEGIN { wanted = ENVIRON["wanted"] }
    /^[ \t]*world [0-9]+ / {
      machine = uuid = $0
      sub(/^[ \t]*world [0-9]+ (vmm[0-9]+:)?/, "", machine)
      sub(/[ \t]+vcUuid:.[-0-9a-f ]*.?[ \t\r]*$/, "", machine)
      sub(/^.*vcUuid:./, "", uuid)
      sub(/.[ \t\r]*$/, "", uuid)
    }
    /^[ \t]*port [0-9]+ / {
      vnic = $0
      sub(/^[ \t]*port [0-9]+ /, "", vnic)
      sub(/[ \t\r]+$/, "", vnic)
    }
    /^[ \t]*name: / {
      name = $0
      sub(/^[ \t]*name: /, "", name)
    }
    /^[ \t]*agentName: vmware-sfw[ \t\r]*$/ {
      if (wanted == "" || wanted == machine || wanted == vnic || wanted == uuid) print name
    }'
}

# All firewall filters; a list that the host cannot print leaves the other.
filters() {
  {
    filters_by_machine
    [ -n "$only_machine" ] || quietly vsipioctl getfilters | sed -n 's/^[[:space:]]*Filter Name[[:space:]]*://p'
  } | names | {
    if [ -n "$only_filter" ]; then grep -Fx -e "$only_filter"; else sed -n p; fi
  }
}

routers() {
  quietly net-vdr --instance -l | sed -n 's/^[[:space:]]*Vdr Name[[:space:]]*://p' | names
}

# Switches with VXLANs: from under the title up to the MTU, since names may hold blanks.
tunnel_switches() {
  quietly esxcli network vswitch dvs vmware vxlan list | awk '
    /VDS Name/ { start = index($0, "VDS Name") }
    /^---/ && !below { below = 1; next }
    below && start {
      name = substr($0, start)
      if (match(name, /[ \t][ \t]+[0-9]+([ \t]|$)/)) name = substr(name, 1, RSTART - 1)
      else sub(/[ \t][ \t]+.*$/, "", name)
      print name
    }' | names
}

# Network cards, from the first column, whose width the ruler under its title shows.
cards() {
  quietly esxcli network nic list | awk '
    /^---/ && !width { width = match($0 " ", /[^-]/) - 1; next }
    width { print substr($0, 1, width) }' | names
}

# Names that a command would take for one of its options are not given to it.
is_option() {
  case $1 in
    -*) remark "note: the name $1 looks like an option: it is not asked about" ;;
    *) return 1 ;;
  esac
}

# ---- what is asked, the firewall first ---------------------------------------------------------

collect() {
  remark 'begins'
  [ -z "$asked" ] || remark "note: rules and sets are asked only of filters$asked"
  run summarize-dvfilter
  run vsipioctl getfilters
  found_filters=$(filters)
  printf '%s\n' "$found_filters" | while IFS= read -r filter; do
    [ -n "$filter" ] || continue
    run vsipioctl getrules -f "$filter"
    run vsipioctl getaddrsets -f "$filter"
    [ "$statistics" = no ] || run vsipioctl getrules -f "$filter" -s
  done
  [ -n "$found_filters" ] || remark "note: no firewall filter$asked is shown here"

  run esxcfg-vmknic -l
  run esxcfg-vswitch -l
  run net-vdr --instance -l
  routers | while IFS= read -r router; do
    is_option "$router" && continue
    run net-vdr --lif -l "$router"
    run net-vdr -R -l "$router"
    run net-vdr --nbr -l "$router"
  done
  run_with_messages pktcap-uw -h

  # esxcli may wait for a management agent that does not answer.
  run esxcli network vswitch dvs vmware vxlan list
  tunnel_switches | while IFS= read -r switch; do
    run esxcli network vswitch dvs vmware vxlan network list --vds-name="$switch"
  done
  run esxcli network nic tso get
  found_cards=$(cards)
  printf '%s\n' "$found_cards" | while IFS= read -r card; do
    [ -n "$card" ] || continue
    is_option "$card" && continue
    run_with_messages ethtool -k "$card"
  done
  [ -n "$found_cards" ] || remark 'note: esxcli network nic list shows no network card'
  remark 'ends'
  prompt
  [ -n "$found_filters" ] || printf 'dfwlint collect: no firewall filter%s is shown on %s\n' "$asked" "$host" >&2
  [ -n "$found_filters" ]
}

asked=
[ -z "$only_filter" ] || asked=" named $only_filter"
[ -z "$only_machine" ] || asked="$asked of $only_machine"
# As the shell's own prompt calls the host, which is without the domain.
host=$(quietly hostname | sed -n '1{s/[.].*//;s/[^-A-Za-z0-9_]//g;p;}')
exec 3>&1
collect
exit
`;
