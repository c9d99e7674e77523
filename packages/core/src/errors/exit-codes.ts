/** What a code says about the process that ends with it: the exit codes of the `polyshift` command. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  connection: 3,
  locked: 4,
  resumable: 5,
} as const;

/** One of the exit codes of the `polyshift` command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
