import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throttleFromEnvironment } from '../src/throttle/from-environment.ts';
import { combineThrottle, type ThrottleInForce } from '../src/throttle/in-force.ts';
import { saysWait, type ThrottleMeasurement, whyWaiting } from '../src/throttle/measure.ts';
import { ThrottleFile } from '../src/throttle/throttle-file.ts';

describe('which limit counts', () => {
  it.each<[string, ThrottleInForce['given'], ThrottleInForce['settings'], ThrottleInForce['from']]>([
    ['nothing', {}, {}, {}],
    ['the configuration alone', { configuration: { pause_ms: 5 } }, { pause_ms: 5 }, { pause_ms: 'configuration' }],
    [
      'the environment over the configuration',
      { configuration: { pause_ms: 5, max_load: 1 }, environment: { pause_ms: 6 } },
      { pause_ms: 6, max_load: 1 },
      { pause_ms: 'environment', max_load: 'configuration' },
    ],
    [
      'the file over the environment',
      { environment: { max_load: 6 }, file: { max_load: 7 } },
      { max_load: 7 },
      { max_load: 'file' },
    ],
    [
      'the journal over all',
      {
        configuration: { query: 'a' },
        environment: { query: 'b' },
        file: { query: 'c', paused: true },
        journal: { query: 'd', paused: false },
      },
      { query: 'd', paused: false },
      { query: 'journal', paused: 'journal' },
    ],
    [
      'a limit taken away over one that stands elsewhere',
      { configuration: { max_replica_lag_ms: 5000, max_load: 3 }, journal: { max_replica_lag_ms: null } },
      { max_load: 3 },
      { max_replica_lag_ms: 'journal', max_load: 'configuration' },
    ],
    [
      'a zero over a number',
      { configuration: { pause_ms: 9, max_load: 9 }, journal: { pause_ms: 0, max_load: 0 } },
      { pause_ms: 0, max_load: 0 },
      { pause_ms: 'journal', max_load: 'journal' },
    ],
  ])('%s', (_name, given, settings, from) => {
    expect(combineThrottle(given)).toEqual({ settings, from, given });
  });
});

describe('limits from the environment', () => {
  it('are read with their types; empty ones are missing, none takes away', () => {
    expect(
      throttleFromEnvironment({
        POLYSHIFT_THROTTLE_PAUSED: 'false',
        POLYSHIFT_THROTTLE_PAUSE_MS: '200',
        POLYSHIFT_THROTTLE_MAX_REPLICA_LAG_MS: 'none',
        POLYSHIFT_THROTTLE_MAX_LOAD: '2.5',
        POLYSHIFT_THROTTLE_QUERY: ' ',
        POLYSHIFT_THROTTLE_FILE: 'x.yaml',
        POLYSHIFT_OTHER: '1',
      }),
    ).toEqual({ paused: false, pause_ms: 200, max_replica_lag_ms: null, max_load: 2.5 });
  });

  it.each([
    ['PAUSED', 'yes', /true or false, not "yes"/],
    ['PAUSE_MS', '200ms', /whole milliseconds from 0, not "200ms"/],
    ['PAUSE_MS', '-1', /not "-1"/],
    ['PAUSE_MS', 'none', /not "none"/],
    ['MAX_REPLICA_LAG_MS', '1.5', /whole milliseconds from 0, or none/],
    ['MAX_LOAD', 'many', /a number from 0, or none, not "many"/],
  ])('POLYSHIFT_THROTTLE_%s=%s is refused with its name', (name, value, message) => {
    const variable = `POLYSHIFT_THROTTLE_${name}`;
    expect(() => throttleFromEnvironment({ [variable]: value })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(message),
        place: { path: variable },
        hint: expect.stringContaining('Correct'),
      }),
    );
  });

  it('a variable that does not exist is refused, with the nearest one', () => {
    expect(() => throttleFromEnvironment({ POLYSHIFT_THROTTLE_MAXLOAD: '3' })).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: 'Did you mean POLYSHIFT_THROTTLE_MAX_LOAD?' }),
    );
  });
});

describe('why a run waits', () => {
  const settings = { max_replica_lag_ms: 5000, max_load: 20, query: 'q' };
  const at = (lag: number | null, load: number | null, value: unknown = 0): ThrottleMeasurement => ({
    pressure: { replica_lag_ms: lag, load, unknown: { replica_lag_ms: 'no right', load: 'no list' } },
    query: { value: value as never },
  });
  it.each<[string, Partial<ThrottleInForce>, ThrottleMeasurement, string | undefined]>([
    ['below every limit', { settings }, at(5000, 20), undefined],
    ['a lag', { settings }, at(7230, 3), 'replica lag 7.2 s > 5 s'],
    ['a load', { settings }, at(0, 21), 'load 21 > 20'],
    ['an answer', { settings }, at(0, 0, '42'), 'the query gives "42"'],
    ['a lag that nobody knows', { settings }, at(null, 0), 'the replica lag is limited, and cannot be told: no right'],
    ['a load that nobody knows', { settings }, at(0, null), 'the load is limited, and cannot be told: no list'],
    ['what nobody knows, and nobody limits', { settings: { query: 'q' } }, at(null, null), undefined],
    ['a query that fails', { settings }, { ...at(0, 0), query: { failed: 'no table' } }, 'the query fails: no table'],
    [
      'a hold',
      { settings: { ...settings, paused: true }, from: { paused: 'journal' } },
      at(9999, 99),
      'held by `polyshift throttle --hold`',
    ],
    ['a hold in the file', { settings: { paused: true }, from: { paused: 'file' }, file: 't.yaml' }, {}, 'held by t.yaml'],
    [
      'a hold in the environment',
      { settings: { paused: true }, from: { paused: 'environment' } },
      {},
      'held by POLYSHIFT_THROTTLE_PAUSED',
    ],
    ['a problem', { settings: {}, problem: 't.yaml is broken' }, {}, 't.yaml is broken'],
  ])('%s', (_name, inForce, measured, why) => {
    const whole = {
      from: {},
      given: {},
      file: undefined,
      journal_since: undefined,
      problem: undefined,
      settings: {},
      ...inForce,
    };
    expect(whyWaiting(whole, measured)).toBe(why);
  });

  it.each([
    [null, false],
    [false, false],
    [0, false],
    ['', false],
    [' ', false],
    ['0', false],
    ['0.00', false],
    [[], false],
    [{}, false],
    [true, true],
    [1, true],
    [-0.5, true],
    ['t', true],
    ['12', true],
    [[0], true],
    [{ a: 1 }, true],
  ])('the answer %j: %s', (value, waits) => {
    expect(saysWait(value as never)).toBe(waits);
  });
});

describe('a file of limits', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyshift-throttle-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is read again when it changes, as YAML or as JSON, and may be empty', async () => {
    const path = join(folder, 'limits');
    const file = new ThrottleFile(path);
    await writeFile(path, 'max_load: 3\n');
    expect(await file.read()).toEqual({ settings: { max_load: 3 } });
    await writeFile(path, '{"pause_ms": 7, "query": null}');
    expect(await file.read()).toEqual({ settings: { pause_ms: 7, query: null } });
    await writeFile(path, '# nothing\n');
    expect(await file.read()).toEqual({ settings: {} });
  });

  it('is read again when it has the same length and only its time has changed', async () => {
    const path = join(folder, 'same-length');
    const file = new ThrottleFile(path);
    await writeFile(path, 'max_load: 3\n');
    await file.read();
    await writeFile(path, 'max_load: 4\n');
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(await file.read()).toEqual({ settings: { max_load: 4 } });
  });

  it.each([
    ['an unknown key', 'max_lode: 3\n', /:1:11: max_lode: unknown key "max_lode"/],
    ['a value of another type', 'pause_ms: 5\nmax_load: many\n', /:2:11: max_load: /],
    ['broken YAML', 'max_load: [3\n', /broken.*:/],
    ['a list', '- max_load\n', /expected object/],
  ])('with %s is a problem that names the place', async (_name, text, problem) => {
    const path = join(folder, 'broken');
    await writeFile(path, text);
    expect(await new ThrottleFile(path).read()).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('that is not there is a problem, until it is', async () => {
    const path = join(folder, 'absent');
    const file = new ThrottleFile(path);
    expect(await file.read()).toEqual({ problem: expect.stringMatching(/cannot read .*absent.*ENOENT/) });
    await writeFile(path, '');
    expect(await file.read()).toEqual({ settings: {} });
  });
});
