import { type ExitCode, isPolyshiftError, maskSecrets, PolyshiftError } from '@polyshift/core';
import type { Output } from './output.ts';
import { renderError } from './render-error.ts';

/** Prints an error, on stdout as a JSON document where JSON is asked for, else as a block on stderr. Gives its exit code. */
export async function reportError(output: Output, thrown: unknown): Promise<ExitCode> {
  const error = polyshiftErrorOf(thrown);
  await output.load();
  if (output.json) await output.result({ error: error.toJSON() }, () => '');
  output.note(renderError(error, output.noteColours));
  if (output.host.environment['POLYSHIFT_DEBUG'] === '1') output.note(maskSecrets(stackOf(error)));
  return error.exit;
}

/** An error that nobody has given a code has none of the user's making. */
function polyshiftErrorOf(thrown: unknown): PolyshiftError {
  if (isPolyshiftError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new PolyshiftError('INTERNAL', message, { cause: thrown });
}

function stackOf(error: Error): string {
  const parts = [error.stack ?? String(error)];
  for (let cause = error.cause; cause !== undefined && parts.length < 10; cause = (cause as Error).cause) {
    parts.push(`caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  }
  return parts.join('\n');
}
