import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Page } from "playwright-core";
import { Chalk } from "chalk";
import { checkLabel } from "../../src/engine/explain.ts";
import { readInput } from "../../src/engine/input.ts";
import { lint } from "../../src/engine/lint.ts";
import { describeForReport } from "../../src/engine/report.ts";
import { htmlLint } from "../../src/report/html/page.ts";
import { generate } from "../../bench/generate.ts";
import { ROOT, dfwlint } from "../cli/dfwlint.ts";
import { temporaryFolder } from "../cli/folders.ts";
import { OFFICE, TWO_FILTERS } from "../cli/inputs.ts";
import { openReport, takeComplaints, writeReport } from "./support.ts";

/** The HTML report as a browser shows it. Every page must stay silent and ask nobody for anything: see support.ts. */

function tourFolder(): string {
  const file = (name: string): Buffer => readFileSync(join(ROOT, "rules-fixtures/tour", name));
  return temporaryFolder({ "rules.txt": file("rules.txt"), "addrsets.txt": file("addrsets.txt") });
}

let tour: string;
let office: string;
let twoFilters: string;

beforeAll(async () => {
  [tour, office, twoFilters] = await Promise.all([
    writeReport(tourFolder(), ["rules.txt", "addrsets.txt"]),
    writeReport(temporaryFolder({ "rules.txt": OFFICE })),
    writeReport(temporaryFolder({ "rules.txt": TWO_FILTERS })),
  ]);
});

const findingRows = (page: Page) => page.locator("tr[id^=finding-]");
const ruleRows = (page: Page) => page.locator("tr[id^=rule-]");
const focused = (page: Page): Promise<string> =>
  page.evaluate("document.activeElement.closest('tr')?.id || document.activeElement.textContent");

/** Waits until the row has the focus: a link is followed a moment after it is pressed. */
async function arrive(page: Page, id: string): Promise<void> {
  await page.locator(`#${id} button:focus`).waitFor();
}

describe("findings", () => {
  it("are filtered by text, severity and check, and the count is announced", async () => {
    const page = await openReport(tour);
    const search = page.getByRole("search", { name: "Filter the findings" });
    const count = page.locator("#findings [role=status]");
    expect(await findingRows(page).count()).toBe(7);
    expect(await count.textContent()).toBe("7 findings");
    await search.getByLabel("Severity").selectOption("error");
    expect(await findingRows(page).count()).toBe(2);
    await search.getByLabel("Find").fill("PRINTERS 2107");
    expect(await count.textContent()).toBe("1 of 7 findings");
    expect(await findingRows(page).textContent()).toContain("empty-addrset");
    await search.getByLabel("Find").fill("nothing is called this");
    expect(await count.textContent()).toBe("0 of 7 findings");
    expect(await findingRows(page).count()).toBe(0);
    await search.getByLabel("Find").fill("");
    await search.getByLabel("Severity").selectOption("all");
    await search.getByLabel("Check").selectOption("empty-addrset");
    expect(await findingRows(page).count()).toBe(1);
    await search.getByLabel("Check").selectOption("");
    await search.getByLabel("uncertain only").check();
    expect(await count.textContent()).toBe("0 of 7 findings");
  });

  it("are filtered by their filter where there are several", async () => {
    const page = await openReport(twoFilters);
    const search = page.getByRole("search", { name: "Filter the findings" });
    const count = page.locator("#findings [role=status]");
    await search.getByLabel("Filter").selectOption("nic-100-eth0-vmware-sfw.2");
    const texts = await findingRows(page).allTextContents();
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) expect(text).toContain("nic-100-eth0-vmware-sfw.2");
    await search.getByLabel("Filter").selectOption("nic-200-eth0-vmware-sfw.2");
    expect(await count.textContent()).toMatch(/^0 of /);
  });

  it("are sorted by severity and by line, both ways, and say so", async () => {
    const page = await openReport(tour);
    const head = page.getByRole("columnheader", { name: "line" }).first();
    const lines = async (): Promise<string[]> =>
      (await findingRows(page).locator("td.place").allTextContents()).map((text) => text);
    expect(await head.getAttribute("aria-sort")).toBe("none");
    await head.getByRole("button").click();
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    const places = [3, 6, 6, 7, 8, 10].map((line) => `rules.txt:${line}`);
    // The rules' file was named first.
    expect(await lines()).toEqual([...places, "addrsets.txt:8"]);
    await head.getByRole("button").click();
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    expect(await lines()).toEqual([...places, "addrsets.txt:8"].toReversed());
    const severity = page.getByRole("columnheader", { name: "severity" });
    await severity.getByRole("button").click();
    await severity.getByRole("button").click();
    expect(await head.getAttribute("aria-sort")).toBe("none");
    expect(await severity.getAttribute("aria-sort")).toBe("descending");
    expect(await findingRows(page).locator(".severity").allTextContents()).toEqual([
      "info",
      "info",
      "info",
      "warning",
      "warning",
      "error",
      "error",
    ]);
  });

  it("unfold to why, help, lines, related places and a packet, and lead to their rule", async () => {
    const page = await openReport(tour);
    const row = findingRows(page).filter({ hasText: "redundant-rule" });
    const button = row.getByRole("button");
    expect(await button.getAttribute("aria-expanded")).toBe("false");
    await button.click();
    expect(await button.getAttribute("aria-expanded")).toBe("true");
    const details = page.locator("tr.details");
    expect(await details.locator("dt").allTextContents()).toEqual([
      "check",
      "why",
      "help",
      "packet",
      "places",
    ]);
    expect(await details.locator(".line").allTextContents()).toEqual([
      "rule 2106 at 6 inout protocol tcp from addrset web to addrset db port 1433 accept with log;",
      "rule 2102 at 2 inout protocol tcp from addrset web-north to addrset db port 1433 accept;",
      "rule 2103 at 3 inout protocol tcp from addrset web-south to addrset db port 1433 accept;",
    ]);
    await details.getByRole("link", { name: "rule 2103 at 3" }).click();
    await arrive(page, "rule-2");
    expect(page.url()).toMatch(/#rule-2$/);
    await button.click();
    expect(await page.locator("#findings tr.details").count()).toBe(0);
  });

  it("show a set's own line, with the place that is meant", async () => {
    const page = await openReport(tour);
    await findingRows(page).filter({ hasText: "empty-addrset" }).getByRole("button").click();
    const line = page.locator("tr.details .line").first();
    expect(await line.textContent()).toBe("addrset printers {");
    expect(await line.locator("mark").textContent()).toContain("printers");
  });
});

describe("findings that are settled", () => {
  it("are left out until they are asked for, and say why they are settled", async () => {
    const input = readInput([{ file: "rules.txt", text: OFFICE }]);
    const found = lint(input);
    const [first, second, ...rest] = found.findings;
    const suppression = { reason: "agreed with the owner", until: null };
    const result = {
      ...found,
      findings: rest,
      suppressed: [{ ...first!, suppression }],
      baseline: { known: [second!], gone: [] },
    };
    const text = htmlLint(
      { lint: result, filters: describeForReport(input), label: checkLabel },
      { chalk: new Chalk({ level: 0 }), quiet: false, line: () => "", filterOf: () => null },
    );
    const page = await openReport(join(temporaryFolder({ "report.html": text }), "report.html"));
    expect(await findingRows(page).count()).toBe(rest.length);
    const show = page.getByRole("search", { name: "Filter the findings" }).getByLabel("Show");
    await show.selectOption("suppressed");
    expect(await findingRows(page).count()).toBe(1);
    await findingRows(page).getByRole("button").click();
    expect(await page.locator("tr.details").textContent()).toContain("agreed with the owner");
    await show.selectOption("known from the baseline");
    expect(await findingRows(page).textContent()).toContain(second!.message);
    await show.selectOption("all of them");
    expect(await findingRows(page).count()).toBe(found.findings.length);
    // A rule's link leads to a settled finding too.
    await show.selectOption("to be looked at");
    await page.locator("#rule-1").getByRole("link", { name: first!.check }).click();
    await arrive(page, `finding-${rest.length}`);
  });
});

describe("rules", () => {
  it("have their status, text, blockers and findings, linked both ways", async () => {
    const page = await openReport(tour);
    expect(await ruleRows(page).count()).toBe(10);
    const row = page.locator("#rule-4");
    expect(await row.textContent()).toContain("shadowed");
    await row.getByRole("link", { name: "rule 2101 at 1" }).click();
    await arrive(page, "rule-0");
    await row.getByRole("link", { name: "shadowed-rule" }).click();
    await arrive(page, "finding-0");
    expect(await page.locator("#finding-0 + .details").count()).toBe(1);
  });

  it("are filtered by status and text; a link to one that is filtered out shows it all the same", async () => {
    const page = await openReport(tour);
    const search = page.getByRole("search", { name: "Filter the rules" });
    await search.getByLabel("Status").selectOption("removable");
    expect(await ruleRows(page).count()).toBe(2);
    await page.locator("#finding-0").getByRole("link").click();
    await arrive(page, "rule-4");
    expect(await search.getByLabel("Status").inputValue()).toBe("");
    await search.getByLabel("Find").fill("port 1433 web-south");
    expect(await ruleRows(page).count()).toBe(1);
    await search.getByLabel("Find").fill("");
    await search.getByLabel("Action").selectOption("drop");
    expect(await ruleRows(page).count()).toBe(2);
  });

  it("say what is uncertain and why", async () => {
    const page = await openReport(office);
    const uncertain = ruleRows(page).filter({ hasText: "uncertain" });
    const dump = await dfwlint(["rules", "--format", "json", "rules.txt"], { cwd: join(office, "..") });
    const { filters } = JSON.parse(dump.stdout) as { filters: { rules: { certain: boolean }[] }[] };
    expect(await uncertain.count()).toBe(filters[0]!.rules.filter(({ certain }) => !certain).length);
  });

  it("are found by an address that names one", async () => {
    const page = await openReport(tour);
    await page.goto(`${page.url()}#rule-6`);
    await arrive(page, "rule-6");
    for (const hash of ["#rule-99", "#rule-x", "#finding-4294967296", "#rules"]) {
      await page.goto(`${page.url().split("#")[0]}${hash}`);
    }
    expect(await ruleRows(page).count()).toBe(10);
  });
});

describe("the strip", () => {
  it("is a slider that says each rule, and leads to it", async () => {
    const page = await openReport(tour);
    const strip = page.getByRole("slider", { name: "Rules in order" });
    const text = (): Promise<string | null> => strip.getAttribute("aria-valuetext");
    expect(await strip.getAttribute("aria-valuemax")).toBe("10");
    expect(await text()).toMatch(/^rule 2101 at 1: reachable; accept; domain-c7 \/ Filter; rules\.txt:3$/);
    await strip.focus();
    await page.keyboard.press("ArrowRight");
    expect(await text()).toMatch(/^rule 2102 at 2: reachable, removable;/);
    await page.keyboard.press("n");
    expect(await text()).toMatch(/^rule 2105 at 5: shadowed;/);
    await page.keyboard.press("End");
    expect(await text()).toMatch(/^rule 1001 at 10: reachable;/);
    await page.keyboard.press("p");
    expect(await text()).toMatch(/^rule 2107 at 7: never-matches;/);
    expect(await page.locator(".readout").textContent()).toMatch(
      /^7 of 10 rules: rule 2107 at 7 never-matches/,
    );
    await page.keyboard.press("Enter");
    await arrive(page, "rule-6");
  });

  it("is read and followed with a mouse", async () => {
    const page = await openReport(tour);
    const strip = page.getByRole("slider");
    // The fifth cell: 16 wide with a gap of one, behind an edge of two.
    const position = { x: 2 + 4 * 17 + 8, y: 12 };
    await strip.hover({ position });
    expect(await page.locator(".readout").textContent()).toContain("rule 2105 at 5 shadowed");
    await strip.click({ position });
    await arrive(page, "rule-4");
  });

  it("draws the statuses in different colours and heights", async () => {
    const page = await openReport(tour);
    const heights = (await page.evaluate(`(() => {
      const canvas = document.querySelector("canvas");
      const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const pixel = (x, y) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)].join();
      // From the foot of a cell up, as far as the colour lasts.
      return [1, 3, 4, 5, 6].map((cell) => {
        const x = 2 + cell * 17 + 2;
        let y = 2 + 21;
        const colour = pixel(x, y);
        while (pixel(x, y) === colour) y -= 1;
        return [colour, 23 - y];
      });
    })()`)) as [string, number][];
    // Removable, reachable, shadowed, redundant, never matches.
    expect(new Set(heights.map(([colour]) => colour)).size).toBe(5);
    expect(heights.map(([, height]) => height)).toEqual([4, 4, 9, 6, 2]);
  });

  it("shows another filter", async () => {
    const page = await openReport(twoFilters);
    const strip = page.getByRole("slider");
    expect(await strip.getAttribute("aria-valuemax")).toBe("3");
    await page.locator("#order").getByLabel("Filter").selectOption("nic-200-eth0-vmware-sfw.2");
    expect(await strip.getAttribute("aria-valuemax")).toBe("2");
    expect(await strip.getAttribute("aria-valuetext")).toMatch(/^rule 4101 at 1:/);
  });
});

describe("the matrix", () => {
  const cells = (page: Page): Promise<(string | null)[]> =>
    page
      .locator("table.matrix button")
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label")));

  it("counts the accept rules that are reached, from set to set", async () => {
    const page = await openReport(tour);
    // Neither the redundant rule from web to db, nor the one from printers that never matches, nor any drop.
    expect(await cells(page)).toEqual([
      "any to any: 2 accept rules",
      "any to web: 1 accept rule",
      "web-north to db: 1 accept rule",
      "web-south to db: 1 accept rule",
      "office to any: 1 accept rule",
    ]);
    await page.locator("#matrix").getByRole("button", { name: "office to any" }).click();
    expect(await page.locator("#matrix h3").textContent()).toBe("office to any: 1 accept rule still reached");
    await page.locator("#matrix").getByRole("link", { name: "rule 2104 at 4" }).click();
    await arrive(page, "rule-3");
  });

  it("marks what is not certain by more than colour", async () => {
    const page = await openReport(office);
    expect(await page.locator("table.matrix button.uncertain").allTextContents()).toEqual(["1?"]);
    expect(await cells(page)).toContain("admins to any: 1 accept rule, uncertain");
  });

  it("is filtered, and walked with arrows from one tab stop", async () => {
    const page = await openReport(tour);
    await page.getByRole("button", { name: "any to any" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("any to web: 1 accept rule");
    await page.keyboard.press("ArrowDown");
    // Nothing is filled below; the focus stays.
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("any to web: 1 accept rule");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("office to any: 1 accept rule");
    await page.keyboard.press("Enter");
    expect(await page.locator("#matrix h3").textContent()).toContain("office to any");
    expect(await page.locator("table.matrix button[tabindex='0']").count()).toBe(1);
    await page.locator("#matrix").getByLabel("Source").fill("south");
    expect(await cells(page)).toEqual(["web-south to db: 1 accept rule"]);
    expect(await page.locator("#matrix .count").textContent()).toBe(
      "1 of 1 source found among 7 and 1 of 3 destinations, those with most accept rules first",
    );
    await page.locator("#matrix").getByLabel("Source").fill("");
    await page.locator("#matrix").getByLabel("Destination").fill("d");
    expect(await cells(page)).toEqual(["web-north to db: 1 accept rule", "web-south to db: 1 accept rule"]);
    expect(await page.locator("table.matrix tbody tr").count()).toBe(2);
  });
});

describe("anybody", () => {
  it("gets along with the keyboard alone", async () => {
    const page = await openReport(tour);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the findings");
    await page.keyboard.press("Enter");
    const stops: string[] = [];
    for (let stop = 0; stop < 20 && stops.at(-1) !== "finding-0"; stop += 1) {
      await page.keyboard.press("Tab");
      stops.push(await focused(page));
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      expect(outline).not.toBe("none");
    }
    expect(stops).toEqual(expect.arrayContaining(["severity", "check", "line", "finding-0"]));
    await page.keyboard.press("Enter");
    expect(await page.locator("#finding-0 + .details").count()).toBe(1);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await arrive(page, "rule-4");
    await page.keyboard.press("Space");
    expect(await page.locator("#rule-4 + .details").count()).toBe(0);
  });

  it.each(["light", "dark"] as const)("reads %s text well", async (colorScheme) => {
    const page = await openReport(office, { colorScheme });
    await findingRows(page).first().getByRole("button").click();
    const weak = await page.evaluate(CONTRAST);
    expect(weak).toEqual([]);
  });

  it("gets dark where dark is wanted", async () => {
    const colours: unknown[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openReport(tour, { colorScheme });
      colours.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    expect(colours).toEqual(["rgb(251, 251, 252)", "rgb(20, 23, 28)"]);
  });

  it("hears names: of every control, region, table and image", async () => {
    for (const report of [tour, twoFilters]) {
      const page = await openReport(report);
      await findingRows(page).first().getByRole("button").click();
      const session = await page.context().newCDPSession(page);
      const { nodes } = await session.send("Accessibility.getFullAXTree");
      const named = new Set([
        "button",
        "link",
        "searchbox",
        "combobox",
        "checkbox",
        "slider",
        "region",
        "table",
        "search",
        "navigation",
      ]);
      const found = nodes.filter(({ role, ignored }) => !ignored && named.has(role?.value as string));
      expect(new Set(found.map(({ role }) => role!.value as string)).size).toBeGreaterThanOrEqual(9);
      for (const { role, name } of found)
        expect({ role: role!.value, name: name?.value }).not.toMatchObject({ name: "" });
      const headings = nodes.filter(({ role, ignored }) => !ignored && role?.value === "heading");
      const levels = headings.map(
        ({ properties }) => properties!.find(({ name }) => name === "level")!.value.value as number,
      );
      expect(levels[0]).toBe(1);
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (const [index, level] of levels.slice(1).entries())
        expect(level - levels[index]!).toBeLessThanOrEqual(1);
      expect(nodes.filter(({ role }) => role?.value === "main")).toHaveLength(1);
      const ids = (await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id)",
      )) as string[];
      expect(new Set(ids).size).toBe(ids.length);
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
    }
  });

  it("reads it in a narrow window without moving it sideways", async () => {
    const page = await openReport(tour, { viewport: { width: 360, height: 640 } });
    await findingRows(page).first().getByRole("button").click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });

  it("reads summary and findings without JavaScript", async () => {
    const page = await openReport(tour, { javaScriptEnabled: false });
    expect(await page.locator("noscript tbody tr").count()).toBe(7);
    const row = page.locator("noscript tbody tr").filter({ hasText: "shadowed-rule" });
    expect(await row.isVisible()).toBe(true);
    expect(await row.textContent()).toContain("in tcp 10.9.0.10:40000 -> 10.1.1.10:443");
    expect(await page.locator("#summary").textContent()).toMatch(/errors\s*2/);
  });

  it("prints it: the controls stay away, and rows are not cut off at a page of the screen", async () => {
    const cwd = temporaryFolder({});
    writeFileSync(
      join(cwd, "rules.txt"),
      `ruleset a {\n${Array.from({ length: 120 }, (_, index) => `rule ${index + 1} at ${index + 1} inout protocol tcp from any to any port ${index + 1} accept;\n`).join("")}}\n`,
    );
    const page = await openReport(await writeReport(cwd));
    expect(await ruleRows(page).count()).toBe(50);
    await page.getByRole("button", { name: "Next page" }).last().click();
    expect(await ruleRows(page).first().getAttribute("id")).toBe("rule-50");
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: "print" });
    expect(await ruleRows(page).count()).toBe(120);
    expect(await page.locator(".controls").first().isVisible()).toBe(false);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await ruleRows(page).count()).toBe(50);
  });
});

describe("a hostile dump", () => {
  const EVIL = [
    "</script><script>alert(1)</script>",
    "</script><img/src=x/onerror=alert(2)>",
    "<!--<script>",
    '"><svg/onload=alert(3)>',
    "javascript:alert(4)",
    "`alert(5)`",
    "</noscript><img/src=//evil.example/x>",
    "]]>",
    "__proto__",
  ];
  const DUMP = `[root@esx:~] vsipioctl getrules -f nic-</script><img/src=x/onerror=alert(6)>
ruleset <b>main</b> {
  # FILTER <img src=x onerror=alert(7)> rules
${EVIL.map((name, index) => `  rule ${index + 1} at ${index + 1} inout protocol tcp from addrset ${name} to addrset ${name} port 22 accept tag '${name}';\n`).join("")}${EVIL.map((name, index) => `  rule ${index + 101} at ${index + 101} inout protocol tcp from addrset ${name} to any port 22 drop;\n`).join("")}  rule 200 at 200 <img src=x onerror=alert(8)>;
  rule 201 at 201 inout protocol any from any to any <i>punt</i>;
}
[root@esx:~] vsipioctl getaddrsets -f nic-</script><img/src=x/onerror=alert(6)>
addrset unused<h1>x</h1> {
ip <u>,
}
`;

  it.each([true, false])(
    "runs nothing and shows as it is written; with JavaScript: %s",
    async (javaScriptEnabled) => {
      const cwd = temporaryFolder({ "<img src=x onerror=alert(9)>.txt": DUMP });
      const path = await writeReport(cwd, ["<img src=x onerror=alert(9)>.txt"]);
      const page = await openReport(path, { javaScriptEnabled });
      if (javaScriptEnabled) {
        for (const table of ["finding", "rule"]) {
          const buttons = page.locator(`tr[id^=${table}-] button.unfold`);
          for (let index = (await buttons.count()) - 1; index >= 0; index -= 1)
            await buttons.nth(index).click();
        }
        for (const button of await page.locator("table.matrix button").all()) await button.click();
        const strip = page.getByRole("slider");
        await strip.focus();
        for (let index = 0; index < 25; index += 1) await page.keyboard.press("ArrowRight");
        const rules = await page.locator("#rules-view").textContent();
        for (const name of EVIL) expect(rules).toContain(`addrset ${name} to`);
        // Not one of the elements that the names spell is there.
        expect(await page.locator("img, svg, b, i, u, body script ~ script ~ script").count()).toBe(0);
        expect(await page.locator("h1").count()).toBe(1);
      } else {
        expect(await page.locator("img, svg, b, i, u, h1 ~ h1").count()).toBe(0);
        const text = await page.locator("noscript").first().textContent();
        for (const name of EVIL) expect(text).toContain(name);
      }
      expect(await page.locator("header").textContent()).toContain("<img src=x onerror=alert(9)>.txt");
    },
  );

  it("could not run or fetch anything even if it got in", async () => {
    const page = await openReport(tour);
    const blocked = await page.evaluate(`new Promise((resolve) => {
      const seen = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        if (seen.push(effectiveDirective) === 3) resolve(seen.toSorted());
      });
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)><b style='color:red'>");
    })`);
    expect(blocked).toEqual(["img-src", "script-src-attr", "style-src-attr"]);
    // What the browser says of that is what is wanted here.
    for (const complaint of takeComplaints()) expect(complaint).toMatch(/Content Security Policy|\/x$/);
  });
});

describe("a dump of the field's size", () => {
  it("opens, filters, sorts and scrolls with few elements", async () => {
    const { rules, addrsets } = generate({
      rules: 17_234,
      sets: 4846,
      members: 30_000,
      seed: 5,
      shape: "scattered",
    });
    const cwd = temporaryFolder({ "rules.txt": rules, "addrsets.txt": addrsets });
    const page = await openReport(await writeReport(cwd, ["rules.txt", "addrsets.txt"]));
    const size = async (): Promise<void> => {
      // It answers, and what it lays out is bounded: that keeps it quick whatever the machine.
      await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
      expect(await page.evaluate("document.querySelectorAll('*').length")).toBeLessThan(6000);
      expect(await page.locator("tr").count()).toBeLessThan(200);
    };
    await size();
    expect(await page.locator("#rules [role=status]").textContent()).toBe("17,234 rules, 1 to 50 shown");
    expect(await page.locator("table.matrix button").count()).toBeGreaterThan(20);
    await page
      .getByRole("search", { name: "Filter the rules" })
      .getByLabel("Find")
      .fill("RULE 1003 ipv6-icmp");
    expect(await ruleRows(page).count()).toBe(2);
    await page.getByRole("search", { name: "Filter the rules" }).getByLabel("Find").fill("");
    await page.getByRole("search", { name: "Filter the findings" }).getByLabel("Find").fill("shadowed");
    expect(await findingRows(page).count()).toBe(50);
    await page.locator("#rules").getByRole("button", { name: "status" }).click();
    await page.locator("#rules").getByRole("button", { name: "Next page" }).click();
    await size();
    const strip = page.getByRole("slider");
    await strip.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("p");
    expect(await strip.getAttribute("aria-valuetext")).toMatch(/: (?:shadowed|redundant);/);
    await page.keyboard.press("Enter");
    await arrive(page, `rule-${Number(await strip.getAttribute("aria-valuenow")) - 1}`);
    await page.locator("#matrix").getByLabel("Source").fill("1");
    await page.locator("#matrix").getByLabel("Destination").fill("2");
    await size();
  });
});

/** Texts whose contrast with what lies behind them is under 4.5, as WCAG reckons it. */
const CONTRAST = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const part = (value) => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  };
  const behind = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== "");
    if (!own || ["SCRIPT", "NOSCRIPT", "OPTION"].includes(node.tagName)) continue;
    const [one, other] = [luminance(numbers(getComputedStyle(node).color)), luminance(behind(node))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) weak.push(node.tagName + "." + node.className + " " + contrast.toFixed(2));
  }
  return weak;
})()`;
