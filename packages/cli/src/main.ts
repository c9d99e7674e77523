import { runCommandLine } from './command/run-command-line.ts';
import { runMain } from './command/run-main.ts';

await runMain(runCommandLine);
