import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Host } from "../../model/host.ts";
import { answerWriter, fleetHeader, unaskedText, type UnaskedSession } from "../answer-writer.ts";
import { FlowList, type AnsweringSession, type FlowsOptions, type FlowsOutcome } from "../flows.ts";
import { UserError, write, type Io } from "../io.ts";
import { withOutput } from "../output.ts";
import { displayName, failure, type PlannedInput } from "../read.ts";
import { Fleet, type FleetOptions } from "./each.ts";

/** A list of flows asked of each session of a folder: the list is read again for each, so neither need fit into memory. */

export async function answerFleetFlows(
  planned: PlannedInput,
  options: FlowsOptions & FleetOptions,
  io: Io,
): Promise<FlowsOutcome & { readonly incomplete: boolean }> {
  await checkList(options.flows, io);
  const fleet = (await Fleet.of(planned, options, io))!;
  const list = new FlowList(options, io);
  const { format } = options;
  try {
    await withOutput(options, io, async (out) => {
      let before = fleetHeader(format);
      const tell = async (unasked: UnaskedSession): Promise<void> => {
        await write(out, before + unaskedText(format, unasked));
      };
      for await (const outcome of fleet.eachWhole()) {
        fleet.clear();
        const session = (
          outcome.kind === "open" ? outcome.files.map(({ file }) => file) : outcome.names
        ).join(", ");
        switch (outcome.kind) {
          case "open": {
            const { input, hosts } = outcome.open;
            await list.answer(input, answerWriter(format, out, before), answering(session, hosts));
            break;
          }
          case "same":
            await tell({ session, sameAs: outcome.as });
            break;
          case "error":
            await tell({ session, error: outcome.error });
        }
        before = "";
      }
    });
  } finally {
    await fleet.close();
  }
  return { ...list.finish(), incomplete: fleet.incomplete };
}

/** @throws UserError for a list that cannot be read again */
async function checkList(name: string, io: Io): Promise<void> {
  const status =
    name === "-"
      ? null
      : await stat(resolve(io.workingDirectory, name)).catch((error: unknown) => {
          throw failure(name, error);
        });
  if (status?.isDirectory() === true) throw failure(name, { code: "EISDIR" });
  if (status?.isFile() !== true)
    throw new UserError(
      `--flows: ${displayName(name)} can be read once, and each session of a folder reads the list again: give a file`,
    );
}

function answering(session: string, hosts: readonly Host[]): AnsweringSession {
  const names = new Map(
    hosts.flatMap((host) => host.filters.map((filter) => [filter.name, host.name] as const)),
  );
  const only = hosts.length === 1 ? hosts[0]!.name : null;
  return {
    session,
    hostOf: (filter) => (filter === undefined ? only : (names.get(filter) ?? only)),
  };
}
