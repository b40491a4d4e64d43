/** The page is built by these alone: text from a dump becomes text nodes and attribute values, never markup. */

type Child = Node | string | null;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

export function byId(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`there is no element ${id}`);
  return node;
}

export function link(hash: string, text: string): HTMLAnchorElement {
  return element("a", { href: `#${hash}` }, text);
}

/** A control with its visible name. */
export function labelled(name: string, control: HTMLElement): HTMLLabelElement {
  return element("label", {}, element("span", {}, name), control);
}

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export function choices(
  name: string,
  options: readonly Choice[],
  change: () => void,
): {
  label: HTMLLabelElement;
  select: HTMLSelectElement;
} {
  const select = element(
    "select",
    {},
    ...options.map(({ value, text }) => element("option", { value }, text)),
  );
  select.addEventListener("change", change);
  return { label: labelled(name, select), select };
}

export function searchBox(
  name: string,
  change: () => void,
): {
  label: HTMLLabelElement;
  input: HTMLInputElement;
} {
  const input = element("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", change);
  return { label: labelled(name, input), input };
}

export function checkBox(
  name: string,
  change: () => void,
): {
  label: HTMLLabelElement;
  input: HTMLInputElement;
} {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", change);
  return { label: element("label", { class: "check" }, input, element("span", {}, name)), input };
}

export function grouped(count: number): string {
  return count.toLocaleString("en");
}

export function counted(count: number, one: string): string {
  return `${grouped(count)} ${count === 1 ? one : `${one}s`}`;
}
