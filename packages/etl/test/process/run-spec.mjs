// Runs a spec in a process of its own, and kills that process at the n-th time that a place is passed: no handler, no cleaning up.
// It runs what `tsc -b` has built, as a user's process does. Arguments: the file of the spec, the place, n. Prints the report as JSON when it was not killed.

import { loadSpec, runEtl } from '@polyshift/etl';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';

const [file = '', place = '', times = '1'] = process.argv.slice(2);
let left = Number(times);
const report = await runEtl(await loadSpec(file), {
  resolveAdapter: (type) => (type === 'postgresql' ? postgresql : mongodb),
  lease_ttl_ms: 1500,
  wait_ms: 10_000,
  fault: (passed) => {
    if (passed === place && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`${JSON.stringify(report)}\n`);
