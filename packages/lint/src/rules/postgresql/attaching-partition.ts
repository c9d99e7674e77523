import { alterations } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Attaches a partition without a validated check on it that matches its bounds. */
export const attachingPartition = postgresqlRule({
  code: 'PG024',
  name: 'attaching-partition',
  level: 'warning',
  doc: {
    what: 'Attaches a partition without a validated check on it that matches its bounds.',
    why: 'Every row of the partition is read to see whether it belongs there; a DEFAULT partition of the table is read too.',
    lock: 'ACCESS EXCLUSIVE on the partition (and on a DEFAULT partition) while every row is read; SHARE UPDATE EXCLUSIVE on the table.',
    safe: 'ADD CONSTRAINT ... CHECK (the bounds, NOT NULL included) NOT VALID on the partition, VALIDATE CONSTRAINT, then ATTACH PARTITION, which reads no row; drop the check afterwards.',
  },
  examples: {
    unsafe: ["ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"],
    safe: [
      `ALTER TABLE events_2026 ADD CONSTRAINT c CHECK (at >= '2026-01-01' AND at < '2027-01-01') NOT VALID;
ALTER TABLE events_2026 VALIDATE CONSTRAINT c;
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
      `CREATE TABLE p (LIKE events);
ALTER TABLE events ATTACH PARTITION p FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: false, table: 'events_2026' },
  *check(statement, context) {
    for (const { table, subtype, argument } of alterations(statement)) {
      if (subtype !== 'AT_AttachPartition' || !argument?.PartitionCmd) continue;
      const partition = tableName(argument.PartitionCmd.name);
      const known = context.table(partition);
      const checked = [...(known?.constraints.values() ?? [])].some(({ kind, valid }) => kind === 'CONSTR_CHECK' && valid);
      if (checked || context.isNew(partition)) continue;
      yield {
        message: `Attaching ${partition} to ${table} reads every row of it while nobody else can: no validated check shows that they belong there.`,
      };
    }
  },
});
