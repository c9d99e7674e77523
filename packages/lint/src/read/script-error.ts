/** A script that does not parse. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  /** Offset of the fault in the script, in characters. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
