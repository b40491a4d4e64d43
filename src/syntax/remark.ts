import type { PromptNode } from "./nodes.ts";

/**
 * What the script of `dfwlint collect` says in a session about its commands: each remark is a comment at a prompt of its
 * own, so that nothing takes it for output.
 */
export interface Remark {
  /** `error` and `status` are about the command before; `note` and the two ends about the session. */
  readonly kind: "begins" | "ends" | "note" | "error" | "status";
  readonly text: string;
}

const REMARK = /^# dfwlint collect (?:(begins|ends)|(note|error|status): ?(.*))$/;

/** Null for a command that somebody typed. */
export function readRemark(command: string): Remark | null {
  const [, end, kind = end, text = ""] = REMARK.exec(command) ?? [];
  return kind === undefined ? null : { kind: kind as Remark["kind"], text };
}

/** What a command said of errors, with where it was typed; a note has the place of the note. */
export interface Complaint {
  /** Null for a note about the session. */
  readonly command: string | null;
  /** Its exit status; null if it did not fail. */
  readonly status: number | null;
  readonly messages: readonly string[];
  readonly prompt: PromptNode;
}

export interface Collected {
  readonly complaints: readonly Complaint[];
  /** Where the last command was asked of each collection that did not get to its end. */
  readonly cut: readonly PromptNode[];
}

/** What remarks in one session say, from its prompts in their order. */
export function readRemarks(prompts: Iterable<PromptNode>): Collected {
  const complaints: (Complaint & { readonly messages: string[] })[] = [];
  const cut: PromptNode[] = [];
  let begun: PromptNode | null = null;
  let asked: PromptNode | null = null;
  const about = (prompt: PromptNode): Complaint & { readonly messages: string[] } => {
    const known = complaints.at(-1);
    if (known !== undefined && known.prompt === asked) return known;
    const complaint = {
      command: asked?.command ?? null,
      status: null,
      messages: [],
      prompt: asked ?? prompt,
    };
    complaints.push(complaint);
    return complaint;
  };
  for (const prompt of prompts) {
    const remark = readRemark(prompt.command);
    if (remark === null) {
      asked = prompt;
      continue;
    }
    switch (remark.kind) {
      case "begins":
        if (begun !== null) cut.push(asked ?? begun);
        begun = prompt;
        asked = null;
        break;
      case "ends":
        begun = null;
        break;
      case "note":
        complaints.push({ command: null, status: null, messages: [remark.text], prompt });
        break;
      case "error":
        about(prompt).messages.push(remark.text);
        break;
      case "status": {
        const complaint = about(prompt);
        if (/^\d{1,9}$/.test(remark.text))
          complaints[complaints.length - 1] = { ...complaint, status: Number(remark.text) };
        else complaint.messages.push(`status: ${remark.text}`);
        break;
      }
    }
  }
  if (begun !== null) cut.push(asked ?? begun);
  return { complaints, cut };
}
