import { PolyshiftError } from '@polyshift/core';
import { errors, types } from 'cassandra-driver';
import { describe, expect, it } from 'vitest';
import { classify, outcomeUnknown, toPolyshiftError } from '../src/errors.ts';

const codes = types.responseErrorCodes;
const response = (code: number, message = 'no') => new errors.ResponseError(code, message);
const noHost = (...inner: unknown[]) =>
  new errors.NoHostAvailableError(Object.fromEntries(inner.map((each, index) => [`h${index}`, each])));
const network = (code: string) => Object.assign(new Error(code), { code });

describe('errors of the server and the driver', () => {
  it.each<[string, unknown, string, boolean]>([
    ['unavailable', response(codes.unavailableException), 'STORE_BUSY', true],
    ['overloaded', response(codes.overloaded), 'STORE_BUSY', true],
    ['bootstrapping', response(codes.isBootstrapping), 'STORE_BUSY', true],
    ['read timeout', response(codes.readTimeout), 'STORE_BUSY', true],
    ['write timeout', response(codes.writeTimeout), 'STORE_BUSY', true],
    ['read failure', response(codes.readFailure), 'STORE_BUSY', true],
    ['write failure', response(codes.writeFailure), 'STORE_BUSY', true],
    ['conditional write of unknown outcome', response(0x1700), 'STORE_BUSY', true],
    ['no room for change data capture', response(0x1600), 'STORE_FULL', true],
    ['credentials', response(codes.badCredentials), 'AUTHENTICATION_FAILED', false],
    ['authentication', new errors.AuthenticationError('no'), 'AUTHENTICATION_FAILED', false],
    ['unauthorized', response(codes.unauthorized), 'PERMISSION_DENIED', false],
    ['syntax', response(codes.syntaxError), 'INVALID_SYNTAX', false],
    ['already exists', response(codes.alreadyExists), 'ALREADY_EXISTS', false],
    ['an index that exists', response(codes.invalid, 'Index i already exists'), 'ALREADY_EXISTS', false],
    ['no table', response(codes.invalid, "Table 'p.t' doesn't exist"), 'UNKNOWN_COLLECTION', false],
    ['no table, as a select says it', response(codes.invalid, 'table t does not exist'), 'UNKNOWN_COLLECTION', false],
    ['no table, as older servers say it', response(codes.invalid, 'unconfigured table t'), 'UNKNOWN_COLLECTION', false],
    ['no column', response(codes.invalid, 'Undefined column name x in table p.t'), 'UNKNOWN_FIELD', false],
    ['another invalid request', response(codes.invalid, 'Key may not be empty'), 'STATEMENT_FAILED', false],
    ['no answer in time', new errors.OperationTimedOutError('x'), 'STORE_BUSY', true],
    ['too many requests on a connection', new errors.BusyConnectionError('h', 1, 1), 'STORE_BUSY', true],
    ['no host reached', noHost(network('ECONNREFUSED')), 'CONNECTION_LOST', true],
    ['no host at all', noHost(), 'CONNECTION_LOST', true],
    ['hosts that are busy', noHost(network('ECONNRESET'), response(codes.overloaded)), 'STORE_BUSY', true],
    ['hosts that refuse the user', noHost(new errors.AuthenticationError('no')), 'AUTHENTICATION_FAILED', false],
    [
      'a socket that closed',
      new (errors.DriverError as unknown as new (message: string) => Error)('Socket was closed'),
      'CONNECTION_LOST',
      true,
    ],
    [
      'a client that was closed',
      new errors.NoHostAvailableError({}, 'Connecting after shutdown is not supported'),
      'CONNECTION_LOST',
      true,
    ],
    ['network', network('EPIPE'), 'CONNECTION_LOST', true],
    ['a wrong argument', new errors.ArgumentError('x'), 'STATEMENT_FAILED', false],
    ['nothing known', new Error('x'), 'STATEMENT_FAILED', false],
    ['no error at all', 'x', 'STATEMENT_FAILED', false],
    ['its own', new PolyshiftError('LEASE_LOST', 'x'), 'LEASE_LOST', false],
  ])('%s', (_name, error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
  });

  it.each<[string, unknown, boolean]>([
    ['a write timeout', response(codes.writeTimeout), true],
    ['a conditional write of unknown outcome', response(0x1700), true],
    ['no answer in time', new errors.OperationTimedOutError('x'), true],
    ['a connection that was lost', network('ECONNRESET'), true],
    ['a write that no node could take', response(codes.unavailableException), false],
    ['a write that was refused', response(codes.invalid), false],
  ])('leave the outcome of a write open or not: %s', (_name, error, unknown) => {
    expect(outcomeUnknown(error)).toBe(unknown);
  });

  it('name each host that could not be used, without stacks', () => {
    const error = toPolyshiftError(noHost(network('ECONNREFUSED'), response(codes.overloaded, 'too much')));
    expect(error.message).toBe('no host can be used: h0: ECONNREFUSED; h1: too much');
  });

  it('keep the words of the server, and say what to grant', () => {
    const error = toPolyshiftError(response(codes.unauthorized, 'User app has no ALTER permission'), 'add_field');
    expect(error.message).toBe('add_field: User app has no ALTER permission');
    expect(error.hint).toContain('Grant');
  });
});
