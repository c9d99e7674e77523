import type { Check } from '../checks/check.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import { journaledSteps } from '../runner/migration-run.ts';
import { refuseFailed } from '../runner/refuse-failed.ts';
import { Run } from '../runner/run.ts';
import type { RunnerOptions } from '../runner/runner-options.ts';
import type { Step } from '../runner/step.ts';
import { openVersion } from './open-version.ts';
import { keepTraffic, readTraffic, type Side, type Traffic, type TrafficRecord } from './traffic.ts';

/** What is to move, and where to. */
export interface SwitchRequest {
  readonly what: Traffic;
  /** Default `new`. */
  readonly to?: Side;
}

/** What `switch` did. */
export interface SwitchReport extends TrafficRecord {
  /** Whether it had moved before. */
  readonly unchanged: boolean;
  /** The proof that both versions are equal, made just now. */
  readonly checks: readonly Check[];
}

/**
 * Says that the applications are to read, or write, the other version from now on: kept in the journal for `status`, where deployments look. Reads move
 * first and go back last. Before anything moves, what has reached one version alone is carried over, and both are proven equal.
 *
 * @throws PolyshiftError VERSION_UNKNOWN where no two versions are in use, VERSION_OPEN where the order is another one, CHECK_FAILED where the proof fails
 */
export async function switchVersions(options: RunnerOptions, { what, to = 'new' }: SwitchRequest): Promise<SwitchReport> {
  return Run.hold(options, `switch ${what}`, async (run) => {
    const open = await openVersion(run.session.journal, run.history);
    if (!open) {
      throw new PolyshiftError('VERSION_UNKNOWN', 'no two versions of a collection are in use', {
        hint: '`polyshift up --online` makes the new version.',
      });
    }
    const before = await readTraffic(run.session.journal, open.version);
    refuseOrder(before, what, to);
    const steps = (await journaledSteps(run, run.history.of(open.version)!)).filter((step) => step.hasVersions);
    const checks = await proveAll(steps, run);
    refuseFailed(checks, `before ${what} move to the ${to} version`);
    if (before[what] === to) return { ...before, unchanged: true, checks };
    const traffic = { ...before, [what]: to, moved_at: new Date().toISOString() };
    await run.guard();
    await keepTraffic(run.session.journal, traffic, run.fence);
    await run.fault('switch.kept');
    return { ...traffic, unchanged: false, checks };
  });
}

async function proveAll(steps: readonly Step[], run: Run): Promise<Check[]> {
  const checks: Check[] = [];
  for (const step of steps) {
    await run.guard();
    checks.push(...(await step.proveMove()));
  }
  return checks;
}

function refuseOrder({ version, reads, writes }: TrafficRecord, what: Traffic, to: Side): void {
  const early = what === 'writes' && to === 'new' && reads === 'old';
  const late = what === 'reads' && to === 'old' && writes === 'new';
  if (!early && !late) return;
  throw new PolyshiftError(
    'VERSION_OPEN',
    early
      ? `writes cannot move to the new version while reads are still with the old one, in version ${version}`
      : `reads cannot go back to the old version while writes are still with the new one, in version ${version}`,
    { hint: early ? 'Move reads first: `polyshift switch reads`.' : 'Move writes back first: `polyshift switch writes --back`.' },
  );
}
