import { PolyshiftError } from '@polyshift/core';
import type { Output } from './output.ts';

/** Asks for the type of store. Throws STOPPED where the person breaks off. */
export async function chooseType<Type extends string>(output: Output, types: readonly Type[]): Promise<Type> {
  const { select } = await import('@clack/prompts');
  const answer = await select<string>({
    message: 'Which store do you want to migrate?',
    options: types.map((type) => ({ value: type, label: type })),
    input: output.host.stdin,
    output: output.host.stderr,
  });
  const type = types.find((each) => each === answer);
  if (type !== undefined) return type;
  throw new PolyshiftError('STOPPED', 'broken off: nothing was written', { hint: 'Run `polyshift init` again.' });
}
