import { defineCommand } from '../command/define-command.ts';
import { storeFlag, waitFlag } from '../command/flag.ts';

/** `polyshift follow` */
export const followCommand = defineCommand({
  name: 'follow',
  brief: 'keep two versions of a collection equal where the store does not',
  description:
    'While two versions of a collection are in use (`up --online`), SQL stores carry each write over within the write. The others cannot: this command does it there, round by round, until the two versions are one again by `finalize` or `down`, or until SIGINT or SIGTERM (exit code 5). `switch` and `finalize` catch up by themselves before they prove; running this meanwhile keeps what they have to do small, and readers of the other version up to date. Each round holds the lock for as long as it needs: give `switch` and `finalize` a --wait. Where the store carries writes over itself, it says so and ends.',
  flags: {
    interval: {
      kind: 'number',
      placeholder: 'SECONDS',
      minimum: 0,
      integer: false,
      brief: 'between two rounds; default 1',
    },
    once: { kind: 'switch', brief: 'one round, then the end' },
    ...waitFlag,
    ...storeFlag,
  },
  examples: ['polyshift follow', 'polyshift follow --interval 0.2', 'polyshift follow --once --json'],
  async run(context, flags) {
    const [{ follow }, { withStore }, { runnerOptions }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../migrations/runner-options.ts'),
    ]);
    return withStore(context, flags, async (store) => {
      const options = runnerOptions(store, { signal: context.signal, wait: flags.wait });
      const interval = flags.interval === undefined ? {} : { interval_ms: flags.interval * 1000 };
      const last = await follow(options, { ...interval, once: flags.once });
      const { output } = context;
      await output.result({ store: store.chosen.name, ...last }, async () => {
        const { renderFollow } = await import('../ui/render-versions.ts');
        return renderFollow(last);
      });
      return 0;
    });
  },
});
