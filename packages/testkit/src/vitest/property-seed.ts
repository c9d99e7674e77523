import fc from 'fast-check';

// A set-up file of vitest. In CI every property test starts from the same seed, so that a change fails for a reason of its own and not
// because chance has found what was there before; elsewhere each run tries other values. PROPERTY_SEED replays a run.
const seed = process.env['PROPERTY_SEED'] ?? (process.env['CI'] ? '20261123' : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
