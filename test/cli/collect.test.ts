import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { describeHosts, type HostFacts } from "../../src/engine/host.ts";
import { faults, published } from "../report/schemas.ts";
import { run } from "../support/run.ts";
import { ROOT, dfwlint } from "./dfwlint.ts";
import { SHELL, answersOf, checkSyntax, readAnswers, runOnHost, type Answer, type Session } from "./esxi.ts";
import { temporaryFolder } from "./folders.ts";

const FERRY = join(ROOT, "rules-fixtures/collect/ferry");
const ANSWERS = readAnswers(readFileSync(join(FERRY, "answers.txt"), "utf8"));
const SEED = readFileSync(join(ROOT, "rules-fixtures/seed/session.md"), "utf8");
const CLINIC = readFileSync(join(ROOT, "rules-fixtures/hosts/clinic/session.log"), "utf8");

async function script(...options: string[]): Promise<string> {
  const { stdout, stderr, code } = await run(["collect", ...options], ROOT);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout;
}

async function collect(answers: readonly Answer[], ...options: string[]): Promise<Session> {
  return runOnHost(await script(...options), answers);
}

function hostOf(text: string): HostFacts {
  const { hosts } = describeHosts([{ file: "host.log", text }]);
  expect(hosts.length).toBe(1);
  return hosts[0]!;
}

/** The same without the places where things stand. */
function withoutPlaces<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (key === "location" ? undefined : part)),
  ) as T;
}

function commandsOf(text: string): string[] {
  return text.split("\n").flatMap((line) => /^\[root@[^\]]*\] ?(.*)$/.exec(line)?.[1] ?? []);
}

/** A host on which only the named commands answer otherwise. */
function replacing(answers: readonly Answer[], ...others: readonly Answer[]): Answer[] {
  const key = ({ words }: Answer): string => words.join("\0");
  const replaced = new Set(others.map(key));
  return [...answers.filter((answer) => !replaced.has(key(answer))), ...others];
}

describe(`the script of dfwlint collect, in ${SHELL}`, () => {
  it("passes the shell's own check, and redirects only to where nothing is kept", async () => {
    const text = await script("--vm", "it's", "--filter", "nic 'a'", "--statistics");
    expect(checkSyntax(text)).toBe("");
    const code = text.replaceAll(/^\s*#.*$/gm, "");
    const redirections = [...code.matchAll(/\d?>+\s*\S+/g)].map(([found]) => found);
    expect(new Set(redirections.filter((found) => /^\d?>/.test(found)))).toEqual(
      new Set([">/dev/null", "2>&1", ">&3", "3>&-", "2>/dev/null", "3>&1", ">&2"]),
    );
    expect(code).not.toMatch(/\beval\b|`|<<|\btee\b|\bdd\b/);
  });

  it("prints the session beside the fixture, and writes nothing on the host", async () => {
    const session = await collect(ANSWERS, "--statistics");
    expect({ ...session, stdout: "" }).toEqual({ stdout: "", stderr: "", status: 0, written: [] });
    const golden = join(FERRY, "session.log");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, session.stdout);
    expect(session.stdout).toBe(readFileSync(golden, "utf8"));
    // The session of the page about what was cut.
    expect(session.stdout.startsWith(readFileSync(join(FERRY, "cut.log"), "utf8"))).toBe(true);
  });

  it.each([
    ["host.expected.txt", ["host"], 0],
    ["lint.expected.txt", ["lint", "--format", "compact"], 2],
  ])("%s", async (golden, args, code) => {
    const outcome = await run([...args, "--no-config", "session.log"], FERRY);
    expect(outcome.code).toBe(code);
    const actual = `${outcome.stderr}${outcome.stdout}`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(FERRY, golden), actual);
    expect(actual).toBe(readFileSync(join(FERRY, golden), "utf8"));
  });

  it("the seed's host: the session holds every fact that the page holds", async () => {
    const nics = `Name    PCI Device    Driver  Link
------  ------------  ------  ----
vmnic1  0000:02:00.0  bnx2x   Up
`;
    const page = answersOf(SEED);
    const tso = page.find(({ words }) => words.includes("tso"))!;
    const answers = [
      { words: ["hostname"], stdout: "ESXi-04\n" },
      { words: ["esxcli", "network", "nic", "list"], stdout: nics },
      { ...tso, words: ["esxcli", "network", "nic", "tso", "get"] },
      ...page,
    ];
    const { stdout, stderr, status, written } = await collect(answers);
    expect({ stderr, status, written }).toEqual({ stderr: "", status: 0, written: [] });
    const { commands, errors, captures, ...collected } = withoutPlaces(hostOf(stdout));
    const { commands: _, errors: none, captures: typed, ...expected } = withoutPlaces(hostOf(SEED));
    expect(collected).toEqual(expected);
    expect(expected.captureHelp).not.toBeNull();
    expect(expected.routers.flatMap(({ routes }) => routes).length).toBe(14);
    expect(none).toEqual([]);
    expect({ captures, typed: typed.length }).toEqual({ captures: [], typed: 1 });
    // The page has no output of these.
    const asked = errors.map(({ command, status: code }) => [command, code]);
    expect(asked).toEqual([
      ["vsipioctl getfilters", 2],
      ...["ClientB+edge-4", "ClientA+edge-8", "ClientC+edge-10"].flatMap((name) => [
        ...(name === "ClientA+edge-8" ? [] : [[`net-vdr --lif -l ${name}`, 2]]),
        ...(name === "ClientA+edge-8" ? [] : [[`net-vdr -R -l ${name}`, 2]]),
        [`net-vdr --nbr -l ${name}`, 2],
      ]),
    ]);
    expect(commands.filter(({ kind }) => kind === "unknown")).toEqual([]);
    expect(faults(published("host"), describeHosts([{ file: "host.log", text: stdout }]))).toEqual([]);
    // And the rules are the same rules.
    const query = ["query", "--src", "10.10.10.11", "--dst", "10.10.20.11", "--port", "8080", "--no-config"];
    const answer = await run([...query, "host.log"], temporaryFolder({ "host.log": stdout }));
    expect(answer.stdout).toContain("accept by rule 1043 at 4");
  });

  it("a host of NSX-T without distributed routers and ethtool: what it lacks is listed", async () => {
    const help = ANSWERS.filter(({ words }) => words[0] === "pktcap-uw");
    const vxlan = ["esxcli", "network", "vswitch", "dvs", "vmware", "vxlan", "list"];
    const answers: Answer[] = [
      { words: ["hostname"], stdout: "clinic-esx-07\n" },
      ...answersOf(CLINIC).filter(({ words }) => words[0] !== "nsxcli"),
      ...help,
      {
        words: vxlan,
        stdout: "Error: Unknown command or namespace network vswitch dvs vmware vxlan list\n",
        status: 1,
      },
    ];
    const { stdout, status } = await collect(answers);
    expect(status).toBe(0);
    const host = hostOf(stdout);
    expect(host.filters.map(({ name, rules }) => [name, rules])).toEqual([
      ["nic-2103285-eth0-vmware-sfw.2", 3],
      ["nic-2103285-eth1-vmware-sfw.2", 3],
      ["nic-2103299-eth0-vmware-sfw.2", 3],
    ]);
    expect(host.errors.map(({ command, status: code, messages }) => [command, code, ...messages])).toEqual(
      expect.arrayContaining([
        ["esxcfg-vmknic -l", 127, "esxcfg-vmknic: not found"],
        ["esxcfg-vswitch -l", 127, "esxcfg-vswitch: not found"],
        ["net-vdr --instance -l", 127, "net-vdr: not found"],
        ["esxcli network vswitch dvs vmware vxlan list", 1],
        ["esxcli network nic tso get", 2, "esxcli: unknown arguments: network|nic|tso|get"],
        [null, null, "esxcli network nic list shows no network card"],
      ]),
    );
    expect(host.unread.map(({ text }) => text)).toContain(
      "Error: Unknown command or namespace network vswitch dvs vmware vxlan list",
    );
    expect(host.cut).toEqual([]);
  });

  it("a host with none of the commands: all of them are said, on the terminal too", async () => {
    const { stdout, stderr, status, written } = await collect([{ words: ["hostname"], stdout: "bare\n" }]);
    expect({ stderr, status, written }).toEqual({
      stderr: "dfwlint collect: no firewall filter is shown on bare\n",
      status: 1,
      written: [],
    });
    const { errors, filters, cut } = hostOf(stdout);
    expect({ filters, cut }).toEqual({ filters: [], cut: [] });
    expect(errors.map(({ command, status: code }) => [command, code])).toEqual([
      ["summarize-dvfilter", 127],
      ["vsipioctl getfilters", 127],
      [null, null],
      ["esxcfg-vmknic -l", 127],
      ["esxcfg-vswitch -l", 127],
      ["net-vdr --instance -l", 127],
      ["pktcap-uw -h", 127],
      ["esxcli network vswitch dvs vmware vxlan list", 127],
      ["esxcli network nic tso get", 127],
      [null, null],
    ]);
  });

  it("filters come from either list", async () => {
    const without = (command: string): Answer[] =>
      ANSWERS.filter(({ words }) => words.slice(0, 2).join(" ") !== command);
    const asked = (text: string): string[] =>
      commandsOf(text).filter((command) => /getrules/.test(command) && !command.startsWith("#"));
    const both = ["5101", "5102"].map((world) => `vsipioctl getrules -f nic-${world}-eth0-vmware-sfw.2`);
    expect(asked((await collect(ANSWERS)).stdout)).toEqual(both);
    expect(asked((await collect(without("summarize-dvfilter"))).stdout)).toEqual(both);
    expect(asked((await collect(without("vsipioctl getfilters"))).stdout)).toEqual(both);
  });

  it.each([
    [["--vm", "kiosk 02"], ["nic-5102-eth0-vmware-sfw.2"]],
    [["--vm", "ticket-01.eth0"], ["nic-5101-eth0-vmware-sfw.2"]],
    [["--vm", "50 2a 66 01 00 00 00 00-00 00 00 00 00 00 00 02"], ["nic-5102-eth0-vmware-sfw.2"]],
    [["--filter", "nic-5101-eth0-vmware-sfw.2"], ["nic-5101-eth0-vmware-sfw.2"]],
    [["--vm", "ticket-01", "--filter", "nic-5102-eth0-vmware-sfw.2"], []],
    [["--vm", "kiosk"], []],
    [["--filter", "nic-5101-eth0-vmware-sfw."], []],
    [["--vm", "ticket-01.eth1"], []],
  ])("%j asks about %j, and about the host as a whole", async (options, filters) => {
    const { stdout, stderr, status } = await collect(ANSWERS, ...options);
    const commands = commandsOf(stdout);
    expect(commands.filter((command) => command.includes("getaddrsets"))).toEqual(
      filters.map((name) => `vsipioctl getaddrsets -f ${name}`),
    );
    expect(commands).toEqual(expect.arrayContaining(["summarize-dvfilter", "net-vdr -R -l Harbour+edge-2"]));
    const words = filters.length > 0 ? "" : "dfwlint collect: no firewall filter";
    expect({ status, stderr: stderr.slice(0, 35) }).toEqual({
      status: filters.length > 0 ? 0 : 1,
      stderr: words,
    });
  });

  it("counts are asked for only with --statistics", async () => {
    const [without, withThem] = [await collect(ANSWERS), await collect(ANSWERS, "--statistics")];
    expect(commandsOf(without.stdout).filter((command) => command.endsWith(" -s"))).toEqual([]);
    expect(
      hostOf(withThem.stdout).filters[0]!.counters.map(({ rule, evaluations }) => [rule, evaluations]),
    ).toEqual([
      [1201, 412],
      [1203, 409],
      [1004, 10],
    ]);
  });

  describe("hostile names", () => {
    const MACHINE = `it's "$(touch pwned)" \`touch pwned\` \\n *; touch pwned`;
    const FILTER = `nic-1 'x' $(touch pwned)  * -vmware-sfw.2`;
    const SWITCH = `-n DVS's $(touch pwned) *`;
    const ROUTER = `Client's $(touch pwned)+edge-1`;
    const list = `Filters:
world 1 vmm0:${MACHINE} vcUuid:'50 00 00 00 00 00 00 00-00 00 00 00 00 00 00 01'
 port 1 ${MACHINE}.eth0
  vNic slot 2
   name: ${FILTER}
   agentName: vmware-sfw
   state: IOChain Attached
`;
    const rules = `ruleset mainrs {
  rule 5 at 1 inout protocol any from any to any drop;
}
`;
    const switches = `VDS ID  VDS Name                   MTU  Segment ID  Gateway IP  Gateway MAC        Network Count  Vmknic Count
------  -------------------------  ----  ----------  ----------  -----------------  -------------  ------------
60 1d   ${SWITCH.padEnd(25)}  1600  10.80.9.0   10.80.9.1   00:00:5e:00:53:01              1             1
`;
    const networks = `VXLAN ID  Multicast IP               Control Plane  Controller Connection  Port Count
--------  -------------------------  -------------  ---------------------  ----------
    7000  N/A (headend replication)  Disabled       0.0.0.0 (down)                  1
`;
    const routers = `Vdr Name:                   ${ROUTER}
Vdr Id:                     0x1
Vdr Name:                   --delete
Vdr Id:                     0x2
`;
    const routes = `VDR ${ROUTER} Route Table
Destination      GenMask          Gateway          Flags    Ref Origin   UpTime     Interface
10.81.1.0        255.255.255.0    0.0.0.0          UCI      1   MANUAL   777        1
`;
    const vxlan = ["esxcli", "network", "vswitch", "dvs", "vmware", "vxlan"];
    const answers: Answer[] = [
      { words: ["hostname"], stdout: "odd [host] $(touch pwned)\n" },
      { words: ["touch", "pwned"], stdout: "pwned\n" },
      { words: ["summarize-dvfilter"], stdout: list },
      { words: ["vsipioctl", "getrules", "-f", FILTER], stdout: rules },
      { words: ["vsipioctl", "getaddrsets", "-f", FILTER], stdout: "addrset a {\nip 10.1.1.1,\n}\n" },
      { words: [...vxlan, "list"], stdout: switches },
      { words: [...vxlan, "network", "list", `--vds-name=${SWITCH}`], stdout: networks },
      { words: ["net-vdr", "--instance", "-l"], stdout: routers },
      { words: ["net-vdr", "--lif", "-l", ROUTER], stdout: "" },
      { words: ["net-vdr", "-R", "-l", ROUTER], stdout: routes },
      { words: ["net-vdr", "--nbr", "-l", ROUTER], stdout: "" },
      { words: ["esxcli", "network", "nic", "list"], stdout: "Name\n------\n-s\nvmnic*\n" },
      {
        words: ["ethtool", "-k", "vmnic*"],
        stdout: "Offload parameters for vmnic*:\ntcp segmentation offload: on\n",
      },
    ];

    it.each<[string[]]>([[[]], [["--vm", MACHINE]], [["--filter", FILTER]]])(
      "are asked about as they are, and run nothing (%j)",
      async (options) => {
        const { stdout, stderr, status, written } = await collect(answers, ...options);
        expect({ stderr, status, written }).toEqual({ stderr: "", status: 0, written: [] });
        const host = hostOf(stdout);
        expect(host.name).toBe("oddhosttouchpwned");
        expect(
          host.filters.map(({ name, machine, rules: count, addrsets }) => [name, machine, count, addrsets]),
        ).toEqual([[FILTER, MACHINE, 1, 1]]);
        expect(host.segments.map((segment) => [segment.id, segment.switch])).toEqual([[7000, SWITCH]]);
        expect(host.routers.map(({ name, routes: own }) => [name, own.length])).toEqual([
          [ROUTER, 1],
          ["--delete", 0],
        ]);
        expect(host.nics.map(({ name, offload }) => [name, offload.length])).toEqual([["vmnic*", 1]]);
        // An option instead of a name is not asked about.
        expect(commandsOf(stdout).filter((command) => / -(?:l --delete|k -s)$/.test(command))).toEqual([]);
        const notes = host.errors.filter(({ status: code }) => code === null).map(({ messages }) => messages);
        expect(notes).toEqual([
          ...options
            .slice(1)
            .map((name, index) => [
              `rules and sets are asked only of filters ${options[index] === "--vm" ? "of" : "named"} ${name}`,
            ]),
          ["the name --delete looks like an option: it is not asked about"],
          ["the name -s looks like an option: it is not asked about"],
        ]);
      },
    );
  });

  it("a command that fails in the middle: its words are kept, and are no data", async () => {
    const name = "nic-5101-eth0-vmware-sfw.2";
    const answers = replacing(ANSWERS, {
      words: ["vsipioctl", "getrules", "-f", name],
      stdout:
        "ruleset domain-c61 {\n  rule 1201 at 1 inout protocol tcp from any to any port 8443 accept;\n  rule 12",
      stderr: "rule 6666 at 1 inout protocol any from any to any accept;\nruleset evil {\n}\n",
      status: 139,
    });
    const { stdout, status } = await collect(answers);
    expect(status).toBe(0);
    const host = hostOf(stdout);
    const error = host.errors.find(({ command }) => command === `vsipioctl getrules -f ${name}`)!;
    expect([error.status, error.messages]).toEqual([
      139,
      ["rule 6666 at 1 inout protocol any from any to any accept;", "ruleset evil {", "}"],
    ]);
    const log = temporaryFolder({ "host.log": stdout });
    const { stdout: rules } = await run(["rules", "--no-config", "--format", "compact", "host.log"], log);
    expect(rules).toContain("rule 1201 at 1");
    expect(rules).not.toContain("6666");
    const lint = await run(["--no-config", "--format", "compact", "host.log"], log);
    expect(lint.stdout).toContain("[truncated-input]");
    expect(lint.stderr).toContain(
      `host.log: vsipioctl getrules -f ${name} failed with status 139: rule 6666`,
    );
    expect(lint.code).toBe(2);
    // Everything behind it is there.
    expect(host.routers.map(({ name: router }) => router)).toEqual(["Harbour+edge-2"]);
  });

  it("a log that is cut anywhere says so, or is whole", async () => {
    const { stdout } = await collect(ANSWERS);
    const end = stdout.indexOf("# dfwlint collect ends");
    const first = stdout.indexOf("\n", stdout.indexOf("# dfwlint collect begins"));
    for (let at = first; at < end; at += 211) {
      const [host] = describeHosts([{ file: "host.log", text: stdout.slice(0, at) }]).hosts;
      expect({ at, cut: host?.cut.length ?? 1 }).toEqual({ at, cut: 1 });
    }
    expect(hostOf(stdout).cut).toEqual([]);
    const folder = temporaryFolder({ "host.log": stdout.slice(0, stdout.indexOf("esxcfg-vswitch -l") + 60) });
    const { stdout: shown } = await run(["host", "--no-config", "host.log"], folder);
    expect(shown).toMatch(/the session ends early: .*\nlast command +at\nesxcfg-vswitch -l +host\.log:\d+\n/);
    const query = await run(["query", "--port", "22", "--no-config", "host.log"], folder);
    expect(query.stderr).toContain('host.log: the session ends early, behind "esxcfg-vswitch -l": ');
    expect(query.code).toBe(2);
    const lint = await run(["--no-config", "--format", "compact", "host.log"], folder);
    expect(lint.stdout).toMatch(
      /error: the session ends early, behind "esxcfg-vswitch -l": .*\[truncated-input\]/,
    );
  });

  it.each([
    ["no MTU", "60 1d   Harbour DVS"],
    ["nothing behind the MTU", "60 1d   Harbour DVS  1600"],
    [
      "no segment",
      "60 1d   Harbour DVS  1600              10.80.9.1   00:00:5e:00:53:01              1             1",
    ],
  ])("a switch with VXLANs in a row with %s", async (_, row) => {
    const words = ["esxcli", "network", "vswitch", "dvs", "vmware", "vxlan", "list"];
    const head =
      "VDS ID  VDS Name     MTU  Segment ID  Gateway IP\n------  -----------  ----  ----------  ----------\n";
    const { stdout } = await collect(replacing(ANSWERS, { words, stdout: `${head}${row}\n` }));
    expect(commandsOf(stdout).filter((command) => command.includes("vds-name"))).toEqual([
      "esxcli network vswitch dvs vmware vxlan network list '--vds-name=Harbour DVS'",
    ]);
    expect(hostOf(stdout).segments.length).toBe(2);
  });

  it("a host is called as in its own prompt, without its domain", async () => {
    const { stdout } = await collect(
      replacing(ANSWERS, { words: ["hostname"], stdout: "ferry-esx-02.corp.example\n" }),
    );
    expect(hostOf(stdout).name).toBe("ferry-esx-02");
    expect(stdout).not.toContain("corp");
    // So it is the host at which somebody typed something by hand.
    const typed = "[root@ferry-esx-02:~] esxcfg-vmknic -l\n";
    const { hosts } = describeHosts([
      { file: "host.log", text: stdout },
      { file: "typed.log", text: typed },
    ]);
    expect(hosts.map(({ name }) => name)).toEqual(["ferry-esx-02"]);
  });

  it("a host that does not say its name", async () => {
    const { stdout } = await collect(ANSWERS.filter(({ words }) => words[0] !== "hostname"));
    const host = hostOf(stdout);
    expect([host.name, host.cut, host.filters.length]).toEqual([null, [], 2]);
  });

  it("a status alone, with everything printed, is listed and makes nothing incomplete", async () => {
    const name = "nic-5101-eth0-vmware-sfw.2";
    const command = ["vsipioctl", "getrules", "-f", name];
    const own = ANSWERS.find(({ words }) => words.join(" ") === command.join(" "))!;
    const answers = replacing(ANSWERS, { ...own, status: 3 }).filter(
      ({ words }) => words[3]?.includes("5102") !== true,
    );
    const { stdout } = await collect(answers, "--filter", name);
    expect(hostOf(stdout).errors.map(({ command: asked, status }) => [asked, status])).toContainEqual([
      command.join(" "),
      3,
    ]);
    const log = temporaryFolder({ "host.log": stdout });
    expect((await run(["query", "--port", "22", "--no-config", "host.log"], log)).code).toBe(0);
    const silent = await collect(
      replacing(ANSWERS, { words: command, stdout: "", status: 3 }),
      "--filter",
      name,
    );
    const lost = temporaryFolder({ "host.log": silent.stdout, "rules.txt": own.stdout });
    const outcome = await run(["query", "--port", "22", "--no-config", "host.log", "rules.txt"], lost);
    expect(outcome.stderr).toContain(`host.log: ${command.join(" ")} failed with status 3\n`);
    expect(outcome.code).toBe(2);
  });

  it("half a script does nothing at all", async () => {
    const text = await script();
    const { stdout, written } = runOnHost(text.slice(0, text.lastIndexOf("collect\n")), ANSWERS);
    expect({ stdout, written }).toEqual({ stdout: "", written: [] });
  });
});

describe("dfwlint collect", () => {
  it("prints the same script as a program", async () => {
    const args = ["collect", "--vm", "it's", "--statistics"];
    expect(await dfwlint(args)).toEqual({ stdout: await script(...args.slice(1)), stderr: "", code: 0 });
  });

  it("writes the script to a file", async () => {
    const folder = temporaryFolder({});
    expect(await run(["collect", "--output", "collect.sh"], folder)).toEqual({
      stdout: "",
      stderr: "",
      code: 0,
    });
    expect(readFileSync(join(folder, "collect.sh"), "utf8")).toBe(await script());
  });

  it.each([
    [["--vm", ""], "--vm is empty: leave it out for all filters"],
    [["--filter", "a\nb"], "--filter: a name has no line end and no control character in it"],
    [["--output", "."], "--output .: cannot be written: is a directory"],
    [["host.log"], '"host.log" is one argument too many (dfwlint collect --help)'],
  ])("%j is refused", async (args, message) => {
    expect(await run(["collect", ...args], ROOT)).toEqual({
      stdout: "",
      stderr: `dfwlint: ${message}\n`,
      code: 2,
    });
  });
});
