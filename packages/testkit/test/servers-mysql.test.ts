import { mysqlProbe } from './mysql-probe.ts';
import { testLifecycle } from './server-lifecycle.ts';

testLifecycle({ ...mysqlProbe, store: 'mysql', description: /^MySQL \d+\.\d+\.\d+, / });
