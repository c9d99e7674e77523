import type { ExitCode } from '@polyshift/core';
import { run } from '@stricli/core';
import { OutsideBundle, prepareBundle } from '../stores/bundle.ts';
import { Output } from '../ui/output.ts';
import { applicationOf, type Dispatch } from './build-application.ts';
import { commandDefinitions } from './command-definitions.ts';
import type { Host } from './host.ts';
import { Misuse } from './misuse.ts';
import { packageVersion } from './package-version.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/**
 * Runs one command line, without the program's name. Prints the result or the error, and gives the exit code. Throws nothing but `OutsideBundle`, and that only in a
 * bundle.
 */
export async function runCommandLine(argv: readonly string[], host: Host): Promise<ExitCode> {
  // Read here and not by the parser, so that an error of the parser is a JSON document too.
  const output = new Output(host, argv.includes('--json') || argv.includes('--json=true'));
  const stop = stopOnSignals(output);
  const misuse = new Misuse();
  const outcome: { exit: ExitCode; errors: unknown[] } = { exit: 0, errors: [] };
  const dispatch: Dispatch = async (definition, flags, argument, all) => {
    try {
      await prepareBundle(definition.name);
      await output.load();
      outcome.exit = await definition.run({ host, output, signal: stop.signal }, flags, argument, all);
    } catch (error) {
      outcome.errors.push(error);
    }
  };
  try {
    const application = applicationOf(commandDefinitions, packageVersion(), misuse, dispatch);
    await run(application, argv, { process: parserStreams(host) });
    outcome.errors.push(...misuse.failures);
    if (misuse.messages.length > 0) outcome.errors.push(await usageError(misuse.messages, argv));
  } catch (error) {
    outcome.errors.push(error);
  } finally {
    stop.dispose();
  }
  const [error] = outcome.errors;
  if (error === undefined) return outcome.exit;
  if (error instanceof OutsideBundle) throw error;
  const { reportError } = await import('../ui/report-error.ts');
  return reportError(output, error);
}

/** The parser writes help to stdout. What it would write to stderr is collected by `Misuse` and printed in the form of all errors. */
function parserStreams({ stdout, environment }: Host) {
  return {
    stdout: {
      write: (text: string) => void stdout.write(text),
      getColorDepth: () => (stdout.isTTY ? stdout.getColorDepth(environment) : 1),
    },
    stderr: { write: () => undefined },
    env: environment,
  };
}

async function usageError(messages: readonly string[], argv: readonly string[]): Promise<Error> {
  const { PolyshiftError } = await import('@polyshift/core');
  const known = [2, 1]
    .map((count) => argv.slice(0, count).join(' '))
    .find((words) => commandDefinitions.some(({ name }) => name === words));
  return new PolyshiftError('USAGE', messages.join('\n'), {
    hint: `See \`polyshift ${known === undefined ? '' : `${known} `}--help\`.`,
  });
}
