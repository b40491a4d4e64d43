/**
 * Loaded before a program (`node --import`): writes what the whole process took to the file that DFWLINT_MEASURE
 * names, when it ends.
 */
import { writeFileSync } from "node:fs";

const file = process.env["DFWLINT_MEASURE"];
process.on("exit", () => {
  if (file === undefined) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(
    file,
    JSON.stringify({ peakMegabytes: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }),
  );
});
