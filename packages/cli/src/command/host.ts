/** What the command uses of the process it runs in. */
export interface Host {
  /** The working folder. */
  readonly cwd: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}
