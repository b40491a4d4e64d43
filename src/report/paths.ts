/** A file as platforms name it that compare it with the files of a repository. */
export interface PlainPath {
  readonly absolute: boolean;
  /** With slashes, without `.` and without `x/..`; an absolute one of Windows begins with its drive. */
  readonly path: string;
}

export function plainPath(file: string, separator: string): PlainPath {
  const text = file.replaceAll(separator, "/");
  const windows = separator === "\\";
  const drive = windows ? (/^[A-Za-z]:(?=\/)/.exec(text)?.[0] ?? "") : "";
  const share = windows && text.startsWith("//");
  const absolute = drive !== "" || text.startsWith("/");
  const parts: string[] = [];
  for (const part of text.slice(drive.length).split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!absolute) parts.push(part);
  }
  const root = share ? "//" : absolute ? `${drive}/` : "";
  return { absolute, path: `${root}${parts.join("/")}` };
}

/** A reference to the file that any reader of URIs takes: relative to the working directory, or `file:`. */
export function uriOf({ absolute, path }: PlainPath): string {
  const encoded = path
    .split("/")
    .map((part, index) =>
      // The colon of a drive stands; one in a name would make a scheme of it.
      absolute && index === 0 ? part : encodeURIComponent(part.replace(/\p{Cs}/gu, "\ufffd")),
    )
    .join("/");
  if (!absolute) return encoded;
  if (path.startsWith("//")) return `file:${encoded}`;
  return path.startsWith("/") ? `file://${encoded}` : `file:///${encoded}`;
}
