/**
 * The commands that run from the packages and not from the bundle of the command: loads of data run code of other packages (engines,
 * threads), the rules of lint bring parsers that nothing else needs, and templates are wanted once. `etl` is all that begins with it.
 */
export const outsideBundle: readonly string[] = ['adapter', 'etl', 'init', 'lint', 'new', 'worker'];
