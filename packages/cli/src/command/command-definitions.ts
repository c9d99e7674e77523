import { adapterNewCommand } from '../commands/adapter-new.ts';
import { baselineCommand } from '../commands/baseline.ts';
import { doctorCommand } from '../commands/doctor.ts';
import { downCommand } from '../commands/down.ts';
import { etlPlanCommand } from '../commands/etl-plan.ts';
import { etlRetryDeadLettersCommand } from '../commands/etl-retry-dead-letters.ts';
import { etlRollbackCommand } from '../commands/etl-rollback.ts';
import { etlRunCommand } from '../commands/etl-run.ts';
import { etlVerifyCommand } from '../commands/etl-verify.ts';
import { finalizeCommand } from '../commands/finalize.ts';
import { followCommand } from '../commands/follow.ts';
import { initCommand } from '../commands/init.ts';
import { lintCommand } from '../commands/lint.ts';
import { newCommand } from '../commands/new.ts';
import { planCommand } from '../commands/plan.ts';
import { repairCommand } from '../commands/repair.ts';
import { statusCommand } from '../commands/status.ts';
import { switchCommand } from '../commands/switch.ts';
import { throttleCommand } from '../commands/throttle.ts';
import { unlockCommand } from '../commands/unlock.ts';
import { upCommand } from '../commands/up.ts';
import { verifyCommand } from '../commands/verify.ts';
import { workerCommand } from '../commands/worker.ts';
import type { CommandDefinition } from './define-command.ts';

/** Every command, in the order of `--help` and of the reference. */
export const commandDefinitions: readonly CommandDefinition[] = [
  initCommand,
  newCommand,
  lintCommand,
  planCommand,
  upCommand,
  switchCommand,
  followCommand,
  downCommand,
  statusCommand,
  verifyCommand,
  doctorCommand,
  repairCommand,
  baselineCommand,
  throttleCommand,
  unlockCommand,
  finalizeCommand,
  etlPlanCommand,
  etlRunCommand,
  workerCommand,
  etlVerifyCommand,
  etlRetryDeadLettersCommand,
  etlRollbackCommand,
  adapterNewCommand,
];
