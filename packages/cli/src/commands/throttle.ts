import type { ThrottleSettings } from '@polyshift/core';
import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

/** `polyshift throttle` */
export const throttleCommand = defineCommand({
  name: 'throttle',
  brief: 'hold batch work back, or let it go on, while it runs',
  description:
    'Sets what holds the batches of `up`, `down`, `finalize` and `etl run` back on a store; a run under way follows within a second or so. It is kept in the journal of the store until it is changed or cleared, and wins over the file of `throttle_file`, over POLYSHIFT_THROTTLE_* and over `throttle` of the configuration. A run that waits keeps its lock, says why it waits, and stops at once when it is asked to. Without flags it shows what is in force, where it comes from, and how the store fares now. Takes no lock and does not ask.',
  flags: {
    pause: { kind: 'text', placeholder: 'DURATION', brief: 'pause so long after each batch: 200ms, 2s; 0s is none' },
    maxLag: {
      kind: 'text',
      placeholder: 'DURATION|none',
      brief: 'wait while a replica is behind by more than this: 500ms, 5s; none: no limit, whatever stands elsewhere',
    },
    maxLoad: {
      kind: 'text',
      placeholder: 'NUMBER|none',
      brief: 'wait while the server runs more statements of others than this; none: no limit, whatever stands elsewhere',
    },
    query: {
      kind: 'text',
      placeholder: 'QUERY|none',
      brief:
        'wait while the first value that this query gives is true, not 0, or not empty; none: no query, whatever stands elsewhere',
    },
    hold: { kind: 'switch', brief: 'hold all batches until --go' },
    go: { kind: 'switch', brief: 'end a hold, wherever it stands' },
    clear: { kind: 'switch', brief: 'forget what this command has set: file, environment and configuration count again' },
    ...storeFlag,
  },
  examples: [
    'polyshift throttle',
    'polyshift throttle --hold',
    'polyshift throttle --go --pause 200ms --max-lag 5s --max-load 20',
    'polyshift throttle --query "SELECT count(*) > 100 FROM jobs WHERE state = \'waiting\'"',
    'polyshift throttle --clear',
  ],
  async run(context, flags) {
    const [core, { withAnyStore }, { configuredThrottle }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../config/throttle.ts'),
    ]);
    const { changeOf, refuseUnmeasurable } = await import('../command/throttle-change.ts');
    const change: ThrottleSettings = changeOf(flags);
    return withAnyStore(context, flags, async ({ session, chosen, loaded }) => {
      const given = configuredThrottle(loaded);
      if (flags.clear) await core.clearThrottle(session.journal);
      else if (Object.keys(change).length > 0) {
        await refuseUnmeasurable(session, change);
        await core.keepThrottle(session.journal, change);
      }
      const inForce = await core.readThrottle(session, given);
      const measured = await core.measureThrottle(session, inForce, true);
      const waits = core.whyWaiting(inForce, measured) ?? null;
      const report = { ...inForce, measured: { ...measured, at: new Date().toISOString() }, waits };
      await context.output.result({ store: chosen.name, ...report }, async () => {
        const { renderThrottle } = await import('../ui/render-throttle.ts');
        return renderThrottle(report, context.output.colours);
      });
      return 0;
    });
  },
});
