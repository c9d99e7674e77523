import { mysqlProbe } from './mysql-probe.ts';
import { testLifecycle } from './server-lifecycle.ts';

testLifecycle({ ...mysqlProbe, store: 'mariadb', description: /^MariaDB \d+\.\d+\.\d+, / });
