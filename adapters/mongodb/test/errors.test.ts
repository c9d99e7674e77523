import { PolyshiftError } from '@polyshift/core';
import { MongoNetworkError, MongoNotConnectedError, MongoParseError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { classify, toPolyshiftError } from '../src/errors.ts';
import { translateErrors } from '../src/translate-errors.ts';

const server = (code: number, extra: object = {}) => new MongoServerError({ message: 'no', code, ...extra } as never);

describe('errors of the server and the driver', () => {
  it.each<[string, unknown, string, boolean]>([
    ['duplicate key', server(11000), 'DUPLICATE_KEY', false],
    ['validation', server(121), 'CONSTRAINT_VIOLATED', false],
    ['unauthorized', server(13), 'PERMISSION_DENIED', false],
    ['authentication', server(18), 'AUTHENTICATION_FAILED', false],
    ['authentication on Atlas', server(8000), 'AUTHENTICATION_FAILED', false],
    ['namespace exists', server(48), 'ALREADY_EXISTS', false],
    ['index options conflict', server(85), 'ALREADY_EXISTS', false],
    ['index key conflict', server(86), 'ALREADY_EXISTS', false],
    ['namespace not found', server(26), 'UNKNOWN_COLLECTION', false],
    ['command not found', server(59), 'UNSUPPORTED_OPERATION', false],
    ['write conflict', server(112), 'STORE_BUSY', true],
    ['time limit', server(50), 'STORE_BUSY', true],
    ['throttled', server(16500), 'STORE_BUSY', true],
    ['cursor that nobody has asked for ten minutes', server(43), 'STORE_BUSY', true],
    ['cursor that somebody has ended', server(237), 'STORE_BUSY', true],
    ['not primary', server(10107), 'CONNECTION_LOST', true],
    ['shutdown', server(11600), 'CONNECTION_LOST', true],
    ['disk full', server(14031), 'STORE_FULL', true],
    ['conversion', server(241), 'CONVERSION_FAILED', false],
    ['transient by label', server(1, { errorLabels: ['TransientTransactionError'] }), 'STORE_BUSY', true],
    ['retryable by label', server(1, { errorLabels: ['RetryableWriteError'] }), 'CONNECTION_LOST', true],
    ['by name alone', new MongoServerError({ message: 'no', codeName: 'DuplicateKey' } as never), 'DUPLICATE_KEY', false],
    ['network', new MongoNetworkError('reset'), 'CONNECTION_LOST', true],
    ['no server', new MongoServerSelectionError('none', {} as never), 'CONNECTION_LOST', true],
    ['closed client', new MongoNotConnectedError('Client must be connected'), 'CONNECTION_LOST', true],
    ['bad URL', new MongoParseError('Invalid scheme'), 'CONNECTION_FAILED', false],
    ['socket', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }), 'CONNECTION_LOST', true],
    ['stream', Object.assign(new Error('destroyed'), { code: 'ERR_STREAM_DESTROYED' }), 'CONNECTION_LOST', true],
    ['unknown code', server(99999), 'STATEMENT_FAILED', false],
    ['nothing known', new Error('x'), 'STATEMENT_FAILED', false],
    ['no error at all', 'x', 'STATEMENT_FAILED', false],
    ['its own', new PolyshiftError('LEASE_LOST', 'x'), 'LEASE_LOST', false],
  ])('%s', (_name, error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
  });

  it('keep the words of the server, and no password', () => {
    const error = toPolyshiftError(
      server(13, { codeName: 'Unauthorized', message: 'mongodb://app:secret@host refused' }),
      'reading users',
    );
    expect(error.message).toBe('reading users: mongodb://app:***@host refused (Unauthorized)');
    expect(error.hint).toContain('Grant');
  });

  it('come from promises, iterables and at once', async () => {
    const methods = translateErrors(
      {
        async later() {
          throw server(11000);
        },
        now() {
          throw server(121);
        },
        async *each() {
          yield 1;
          throw server(112);
        },
      },
      'part',
    );
    await expect(methods.later()).rejects.toMatchObject({ name: 'PolyshiftError', code: 'DUPLICATE_KEY' });
    expect(() => methods.now()).toThrow(PolyshiftError);
    await expect(drain(methods.each())).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
  });
});

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _each of source);
}
