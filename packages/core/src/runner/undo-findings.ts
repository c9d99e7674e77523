import type { JournalStore, StepRecord } from '../adapter/journal-store.ts';
import type { History } from '../journal/history.ts';
import { asideOf } from '../journal/step-key.ts';
import { bytesOf, keptUndo } from './kept-undo.ts';
import type { DoctorReport } from './reports.ts';
import type { RunnerOptions } from './runner-options.ts';

type Finding = DoctorReport['findings'][number];

/** What is wrong with what is kept aside: a finalize that was stopped, more than the limit allows, things that belong to nobody. */
export async function undoFindings(
  options: RunnerOptions,
  history: History,
): Promise<{ findings: Finding[]; notes: readonly string[] }> {
  const { session } = options;
  // A store without a journal has nothing that could be lost.
  const steps = history.records.length === 0 ? [] : await session.journal.list('step');
  const findings = [...halfFinal(history, steps), ...(await beyondLimit(options, history))];
  if (!session.strayAside)
    return {
      findings,
      notes: [
        'The adapter of this store cannot list what is kept aside, so that nothing was looked for that belongs to no step.',
      ],
    };
  const known = [...steps.filter((step) => step.undo_kept).map(asideOf), ...(await loads(session.journal))];
  const stray = (await session.strayAside(known)).filter((name) => !known.some((aside) => isOfLoad(name, aside)));
  if (stray.length > 0) findings.push(strayFinding(stray));
  return { findings, notes: [] };
}

function halfFinal(history: History, steps: readonly StepRecord[]): Finding[] {
  return history.applied.flatMap(({ version, name }) => {
    const own = steps.filter((step) => step.version === version && step.state === 'done');
    const left = own.filter((step) => step.undo_kept);
    if (left.length === 0 || !own.some((step) => step.finalizing || !step.undo_kept)) return [];
    return [
      {
        finding: `version ${version} (${name}) is half final: a finalize was stopped after ${own.length - left.length} of ${own.length} operations`,
        details: ['it cannot be taken back any more'],
        choices: [{ command: `polyshift finalize ${version}`, outcome: 'deletes the rest of what is kept aside' }],
      },
    ];
  });
}

async function beyondLimit({ session, keep_undo }: RunnerOptions, history: History): Promise<Finding[]> {
  const limit = keep_undo?.bytes;
  if (limit === undefined) return [];
  const kept = await keptUndo(session, history.applied);
  const total = bytesOf(kept);
  if (total <= limit) return [];
  return [
    {
      finding: `what is kept for the way back takes ${total} bytes, and ${limit} are allowed`,
      details: kept.map(
        ({ record, rows, bytes }) => `version ${record.version}: ${rows} rows, ${bytes ?? 'an unknown number of'} bytes`,
      ),
      choices: [
        { command: 'polyshift up', outcome: 'makes the oldest versions final once they are proven, but never the newest' },
        ...(kept[0]
          ? [
              {
                command: `polyshift finalize ${kept[0].record.version}`,
                outcome: 'deletes what the oldest version keeps; it cannot be taken back any more',
              },
            ]
          : []),
      ],
    },
  ];
}

function strayFinding(stray: readonly string[]): Finding {
  return {
    finding: `${stray.length} things are kept aside that belong to no operation and no load`,
    details: stray,
    choices: [
      {
        command: 'the client of your store',
        outcome: 'look at them, then drop them: polyshift neither reads nor deletes them any more',
      },
    ],
  };
}

/** The names under which ETL loads keep what their rollback needs, from the records of the pipelines. */
async function loads(journal: JournalStore): Promise<string[]> {
  const records = await journal.list('checkpoint');
  const names = records.flatMap(({ data }) => [...JSON.stringify(data).matchAll(/"aside":"([^"]+)"/g)].map(([, name]) => name!));
  return [...new Set(names)];
}

/** Whether a thing belongs to a load whose name has a part behind it: each target and foreign key of a load has one. */
function isOfLoad(thing: string, aside: string): boolean {
  return aside.startsWith('etl_') && thing.includes(aside);
}
