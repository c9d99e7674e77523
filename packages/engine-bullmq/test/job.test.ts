import { PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { errorOf, errorText, jobId, readJob } from '../src/job.ts';
import { chunksOf, settled } from '../src/settings.ts';

const job = {
  spec_file: 'etl/users.yaml',
  spec_name: 'users',
  spec_checksum: 'sha256:0',
  run_id: 'a1',
  token: 7,
  rows_total: 100,
  chunk: 3,
  rows_per_second: null,
};

describe('a job', () => {
  it('carries names and numbers alone', () => {
    expect(readJob(structuredClone(job))).toEqual(job);
    expect(jobId(job, 3)).toBe('a1-7-3');
  });

  it.each([
    ['a URL', { ...job, url: 'postgresql://user:secret@host/db' }],
    ['no chunk', { ...job, chunk: undefined }],
    ['a chunk that is none', { ...job, chunk: '3' }],
    ['nothing', null],
  ])('with %s is refused', (_what, data) => {
    expect(() => readJob(data)).toThrow('none of this version');
  });
});

describe('an error on its way through Redis', () => {
  it('keeps its code, its text and what to do, and whether it may pass', () => {
    const error = new PolyshiftError('ROW_REJECTED', '3 rows were rejected', { hint: 'Correct them.' });
    expect(errorOf(errorText(error))).toMatchObject({
      code: 'ROW_REJECTED',
      message: '3 rows were rejected',
      hint: expect.stringMatching(/^On the worker .+\. Correct them\.$/),
    });
    expect(errorOf(errorText(new PolyshiftError('STORE_BUSY', 'busy', { retryable: true }))).retryable).toBe(true);
    expect(errorOf(errorText(new Error('of a driver')))).toMatchObject({ code: 'INTERNAL', message: 'of a driver' });
  });

  it('loses the password of a URL', () => {
    expect(errorText(new Error('no way to postgresql://app:secret@host/db'))).not.toContain('secret');
  });

  it.each(['job stalled more than allowable limit', '{"code":"toString","message":"m"}', 'null'])(
    'is INTERNAL where it is %s',
    (text) => {
      expect(errorOf(text).code).toBe('INTERNAL');
    },
  );
});

describe('the settings', () => {
  it.each([
    [{}, 1, 0, 32],
    [{}, 1, 20, 80],
    [{}, 64, 3, 64],
    [{ chunks: 10 }, 4, 20, 10],
    [{ chunks: 10 }, 16, 0, 16],
  ])('%j, %i partitions and %i workers make %i chunks', (settings, partitions, workers, chunks) => {
    expect(chunksOf({ redis: '', ...settings }, partitions, workers)).toBe(chunks);
  });

  it('give locks in Redis one time to live, three heartbeats within it, and look for lost chunks as often', () => {
    expect(settled({ redis: '', stalled_seconds: 6 }).worker).toMatchObject({
      lockDuration: 6000,
      lockRenewTime: 2000,
      stalledInterval: 6000,
    });
  });
});
