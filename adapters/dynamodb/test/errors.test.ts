import { PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../src/connection.ts';
import { classify, isThrottled, toPolyshiftError } from '../src/errors.ts';

const named = (name: string, message = 'x', more: object = {}): Error => Object.assign(new Error(message), { name, ...more });
const cancelled = (...codes: string[]): Error =>
  named('TransactionCanceledException', 'x', { CancellationReasons: codes.map((Code) => ({ Code })) });

describe('errors', () => {
  it.each<[Error, string, boolean]>([
    [named('ProvisionedThroughputExceededException'), 'STORE_BUSY', true],
    [named('ThrottlingException'), 'STORE_BUSY', true],
    [named('RequestLimitExceeded'), 'STORE_BUSY', true],
    [named('TransactionConflictException'), 'STORE_BUSY', true],
    [named('LimitExceededException'), 'STORE_BUSY', true],
    [named('ContinuousBackupsUnavailableException'), 'STORE_BUSY', true],
    [named('ValidationException', 'Time to live has been modified multiple times within a fixed interval'), 'STORE_BUSY', true],
    [named('ResourceInUseException'), 'STORE_BUSY', true],
    [named('InternalServerError'), 'STORE_BUSY', true],
    [named('SomethingNew', 'x', { $metadata: { httpStatusCode: 503 } }), 'STORE_BUSY', true],
    [named('TimeoutError'), 'CONNECTION_LOST', true],
    [named('Error', 'x', { code: 'ECONNRESET' }), 'CONNECTION_LOST', true],
    [named('Error', 'x', { code: 'ECONNREFUSED' }), 'CONNECTION_LOST', true],
    [named('ResourceNotFoundException'), 'UNKNOWN_COLLECTION', false],
    [named('IndexNotFoundException'), 'UNKNOWN_FIELD', false],
    [named('TableAlreadyExistsException'), 'ALREADY_EXISTS', false],
    [named('AccessDeniedException'), 'PERMISSION_DENIED', false],
    [named('UnrecognizedClientException'), 'AUTHENTICATION_FAILED', false],
    [named('ExpiredTokenException'), 'AUTHENTICATION_FAILED', false],
    [named('CredentialsProviderError'), 'AUTHENTICATION_FAILED', false],
    [named('UnknownOperationException'), 'UNSUPPORTED_OPERATION', false],
    [named('ItemCollectionSizeLimitExceededException'), 'CONSTRAINT_VIOLATED', false],
    [named('ValidationException', 'Item size has exceeded the maximum allowed size'), 'CONVERSION_FAILED', false],
    [named('ValidationException', 'Nesting Levels have exceeded supported limits: ...'), 'CONVERSION_FAILED', false],
    [named('ValidationException', 'DynamoDB only supports precision up to 38 digits'), 'CONVERSION_FAILED', false],
    [named('ValidationException', 'A value provided cannot be converted into a number'), 'CONVERSION_FAILED', false],
    [named('ValidationException', 'Number overflow. Attempting to store a number ...'), 'CONVERSION_FAILED', false],
    [named('ValidationException', 'Type mismatch for Index Key mail Expected: S Actual: NULL'), 'CONSTRAINT_VIOLATED', false],
    [named('ValidationException', 'Invalid attribute value type'), 'CONSTRAINT_VIOLATED', false],
    [named('ValidationException', 'something else'), 'STATEMENT_FAILED', false],
    [cancelled('TransactionConflict', 'None'), 'STORE_BUSY', true],
    [cancelled('ThrottlingError', 'TransactionConflict'), 'STORE_BUSY', true],
    [cancelled('ConditionalCheckFailed', 'None'), 'STATEMENT_FAILED', false],
    [cancelled('ConditionalCheckFailed', 'ThrottlingError'), 'STATEMENT_FAILED', false],
    [new PolyshiftError('LEASE_LOST', 'x'), 'LEASE_LOST', false],
    [new Error('never seen'), 'STATEMENT_FAILED', false],
  ])('%s is %s, retried: %s', (error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
  });

  it('are retried at once only where nothing was done', () => {
    expect(isThrottled(named('ThrottlingException'))).toBe(true);
    expect(isThrottled(named('InternalServerError'))).toBe(false);
    expect(isThrottled(cancelled('ConditionalCheckFailed', 'ThrottlingError'))).toBe(false);
  });

  it('say what was asked, and the name that the service gives them', () => {
    const error = toPolyshiftError(named('AccessDeniedException', 'no dynamodb:Scan for you'), 'reading items');
    expect(error.message).toBe('reading items: no dynamodb:Scan for you (AccessDeniedException)');
    expect(error.hint).toContain('Allow');
  });
});

describe('URLs', () => {
  it('name the endpoint, the credentials and the prefix, percent-encoded', () => {
    expect(addressOf('dynamodb://k%2Fy:s%3Ac@localhost:8000?region=local&table_prefix=app_')).toEqual({
      endpoint: 'http://localhost:8000',
      region: 'local',
      credentials: { accessKeyId: 'k/y', secretAccessKey: 's:c' },
      prefix: 'app_',
    });
    expect(addressOf('dynamodb://localhost:8000?tls=true').endpoint).toBe('https://localhost:8000');
  });

  it('mean the service itself without a host', () => {
    expect(addressOf('dynamodb://?region=eu-central-1')).toEqual({
      endpoint: undefined,
      region: 'eu-central-1',
      credentials: undefined,
      prefix: '',
    });
  });

  it.each([
    'no url',
    'https://localhost:8000',
    'dynamodb://k:secret_word@localhost:8000?prefix=app_',
    'dynamodb://k:secret_word@localhost:8000?table_prefix=a/b',
  ])('%s is refused, without its secret', (url) => {
    const refused = (): unknown => {
      try {
        return addressOf(url);
      } catch (error) {
        return error;
      }
    };
    const error = refused() as PolyshiftError;
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).not.toContain('secret_word');
  });
});
