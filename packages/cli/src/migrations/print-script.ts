import { type DownRequest, type ExitCode, exitCodes, printDown } from '@polyshift/core';
import type { CommandContext } from '../command/define-command.ts';
import { loadAdapter } from '../stores/load-adapter.ts';
import { type StoreFlags, withStore } from '../stores/open-store.ts';

/** Prints what `down` would do as a script. Gives the exit code; throws what `printDown` throws. */
export async function printScript(context: CommandContext, flags: StoreFlags, request: DownRequest): Promise<ExitCode> {
  const { output } = context;
  return withStore(context, flags, async ({ session, migrations, chosen, loaded }) => {
    const { capabilities } = await loadAdapter({ type: chosen.store.type, folder: loaded.folder });
    const script = await printDown({ session, migrations, capabilities }, request);
    if (script.statements.length === 0) output.note('Nothing to take back.');
    else output.note(`Takes back ${script.versions.join(', ')}. Run it by: ${script.run_with}`);
    const { text, ...rest } = script;
    output.verbatim({ store: chosen.name, ...rest, text }, text);
    return exitCodes.done;
  });
}
