import { PolyshiftError } from '@polyshift/core';
import type { Output } from './output.ts';

/**
 * Refuses a command that removes something, before anything else is done, where it can neither ask nor was told to go ahead. Throws USAGE.
 */
export function requireConsent(output: Output, yes: boolean, command: string): void {
  if (yes || output.interactive) return;
  throw new PolyshiftError('USAGE', `${command} asks before it goes ahead, and nobody can answer here`, {
    hint: 'Add --yes. It asks on a terminal, without --json.',
  });
}

/** Asks where a person is there to answer. Throws STOPPED, with nothing changed, on a no. */
export async function askConsent(output: Output, yes: boolean, question: string): Promise<void> {
  if (yes || !output.interactive) return;
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({
    message: question,
    initialValue: false,
    input: output.host.stdin,
    output: output.host.stderr,
  });
  if (answer === true) return;
  throw new PolyshiftError('STOPPED', 'not confirmed: nothing was changed', {
    hint: 'Run the same command again, and answer with yes, or add --yes.',
  });
}
