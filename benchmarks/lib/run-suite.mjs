import { runMeasured } from './run-measured.mjs';
import { medians } from './statistics.mjs';

/**
 * Runs a suite: all contenders one after the other, and that again in each round, so that what the machine does meanwhile meets all of
 * them alike. A contender that fails in its first round is left out with the reason; polyshift or the limit failing ends the suite.
 */
export async function runSuite(suite, bench) {
  try {
    return await runContenders(suite, bench);
  } finally {
    await suite.end?.(bench);
  }
}

async function runContenders(suite, bench) {
  const contenders = [];
  const unavailable = [];
  for (const make of await suite.contenders(bench)) {
    try {
      contenders.push({ ...make, ...(await make.install?.()), runs: [] });
    } catch (error) {
      if (make.kind !== 'peer') throw error;
      unavailable.push({ name: make.name, reason: firstLine(error) });
    }
  }
  for (let round = 0; round < bench.rounds; round++) {
    for (const contender of contenders) {
      if (contender.failed || round >= (contender.rounds ?? bench.rounds)) continue;
      bench.log(`${suite.name}: ${contender.name}, round ${round + 1}`);
      try {
        contender.runs.push(await runOnce(contender));
      } catch (error) {
        if (contender.kind !== 'peer') throw error;
        contender.failed = true;
        unavailable.push({ name: contender.name, reason: firstLine(error) });
      }
    }
  }
  const entries = contenders
    .filter(({ runs }) => runs.length > 0)
    .map(({ name, kind, note, rows, runs }) => ({
      name,
      kind,
      note: runs.at(-1).note ?? note,
      rows: rows ?? suite.rows?.(bench) ?? null,
      runs,
      median: medians(runs),
    }));
  const of = (name) => entries.find((entry) => entry.name === name);
  return {
    suite: suite.name,
    title: suite.title,
    description: typeof suite.description === 'function' ? suite.description() : suite.description,
    entries,
    unavailable,
    targets: suite.targets(of, bench).filter(({ value }) => typeof value === 'number' && !Number.isNaN(value)),
  };
}

async function runOnce(contender) {
  const state = await contender.before?.();
  try {
    const { stdout, stderr, ...measured } = contender.measure
      ? await contender.measure(state)
      : await runMeasured(await contender.command(state));
    const more = await contender.after?.(state, { ...measured, stdout, stderr });
    return { ...measured, ...more };
  } finally {
    await contender.end?.(state);
  }
}

function firstLine(error) {
  return String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')[0]
    .slice(0, 300);
}
