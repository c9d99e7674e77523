import { type Adapter, operationTypes } from '@polyshift/core';
import { afterAll, afterEach, it } from 'vitest';

/** How a message of what is not yet written begins: `left to do, step 3: src/rows.ts: read the rows that have these keys`. */
const pattern = /left to do, step \d+: .*/;

/** Gathers what failing tests say is left to do, and prints it at the end as one list, in the order of the steps. */
export function reportLeftToDo(adapter: Adapter): void {
  const found = new Set<string>();
  let failed = 0;
  afterEach(({ task }) => {
    const errors = task.result?.errors ?? [];
    if (errors.length > 0) failed++;
    for (const { message } of errors) {
      const left = pattern.exec(message)?.[0];
      if (left !== undefined) found.add(left.replace('left to do, ', ''));
    }
  });
  afterAll(() => {
    if (found.size === 0) return;
    const lines = [...found].sort((left, right) => stepOf(left) - stepOf(right)).map((line) => `  ${line}`);
    process.stdout.write(
      `\nLeft to do for ${adapter.store} (${failed} tests fail):\n${lines.join('\n')}\nSee docs/writing-an-adapter.md.\n\n`,
    );
  });
}

/** A test that fails for each operation of which the capabilities say that nobody has decided yet. */
export function undecidedOperations({ capabilities }: Adapter): void {
  for (const type of operationTypes) {
    const capability = capabilities.operations[type];
    if (capability.supported || !pattern.test(capability.reason)) continue;
    it(`is decided about ${type}`, () => {
      throw new Error(`${capability.reason} (${type})`);
    });
  }
}

function stepOf(line: string): number {
  return Number(/\d+/.exec(line)![0]);
}
