// Runs a spec, or takes its load back, in a process of its own, and kills that process at the n-th time that a place is passed. It runs what `tsc -b`
// has built, as a user's process does. Arguments: the file of the spec, run or rollback, the place, n.

import { loadSpec, rollbackEtl, runEtl } from '@polyshift/etl';

const [file = '', command = 'run', place = '', times = '1'] = process.argv.slice(2);
let left = Number(times);
await (command === 'run' ? runEtl : rollbackEtl)(await loadSpec(file), {
  resolveAdapter: async (type) => (await import(`@polyshift/${type}`)).default,
  retries: 0,
  lease_ttl_ms: 600,
  wait_ms: 10_000,
  fault: (passed) => {
    if (passed === place && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
