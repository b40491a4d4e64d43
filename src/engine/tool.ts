/** The version is the package's; a test compares them, because the core reads no files. */
export const TOOL = { name: "dfwlint", version: "0.1.0" } as const;
