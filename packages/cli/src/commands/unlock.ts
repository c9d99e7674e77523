import { defineCommand } from '../command/define-command.ts';
import { storeFlag } from '../command/flag.ts';

/** `polyshift unlock` */
export const unlockCommand = defineCommand({
  name: 'unlock',
  brief: 'take the lock away from a run',
  description:
    'Takes the lock of migrations, or that of an ETL spec, away from whoever holds it; that run, if it lives, stops before its next write. Rarely needed: the lock of a dead run ends by itself within `lease_seconds`. Asks first; without a terminal it needs --yes.',
  flags: {
    spec: {
      kind: 'text',
      placeholder: 'NAME',
      brief: 'the lock of this ETL spec, by its `name`, which is kept in the target store; default: that of migrations',
    },
    ...storeFlag,
  },
  examples: ['polyshift unlock', 'polyshift unlock --spec users --store documents', 'polyshift unlock --yes --json'],
  async run(context, flags) {
    const [{ migrationLock, unlock }, { withAnyStore }, { askConsent, requireConsent }, { renderLock }] = await Promise.all([
      import('@polyshift/core'),
      import('../stores/open-store.ts'),
      import('../ui/consent.ts'),
      import('../ui/render-status.ts'),
    ]);
    const { output } = context;
    requireConsent(output, flags.yes, 'unlock');
    const name = flags.spec === undefined ? migrationLock : (await import('@polyshift/etl')).lockName(flags.spec);
    return withAnyStore(context, flags, async (store) => {
      if (output.interactive && !flags.yes) {
        const lock = await store.session.locks.read(name);
        if (lock) {
          output.note(renderLock(lock));
          await askConsent(output, flags.yes, `Take the lock of the store "${store.chosen.name}" away?`);
        }
      }
      const released = await unlock(store.session, name);
      await output.result({ store: store.chosen.name, released: released ?? null }, () =>
        released ? `Unlocked. ${renderLock(released)}` : 'Nobody holds the lock.',
      );
      return 0;
    });
  },
});
