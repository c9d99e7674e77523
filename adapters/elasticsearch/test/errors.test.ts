import { errors } from '@elastic/elasticsearch';
import { PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { classify, toPolyshiftError } from '../src/errors.ts';

/** An answer of the server, as the driver throws it. */
function answer(statusCode: number, type?: string, reason = 'no'): errors.ResponseError {
  const body =
    type === undefined ? 'upstream is down' : { error: { type, reason, root_cause: [{ type, reason }] }, status: statusCode };
  return new errors.ResponseError({ statusCode, body, headers: {}, warnings: null, meta: {} } as never);
}

const meta = { statusCode: 0, headers: {}, warnings: null, meta: {} } as never;

describe('errors of the server and the driver', () => {
  it.each<[string, unknown, string, boolean]>([
    ['index missing', answer(404, 'index_not_found_exception'), 'UNKNOWN_COLLECTION', false],
    ['index closed', answer(400, 'index_closed_exception'), 'UNKNOWN_COLLECTION', false],
    ['index there', answer(400, 'resource_already_exists_exception'), 'ALREADY_EXISTS', false],
    ['alias of the name of an index', answer(400, 'invalid_alias_name_exception'), 'ALREADY_EXISTS', false],
    ['name refused', answer(400, 'invalid_index_name_exception'), 'INVALID_DOCUMENT', false],
    ['value refused by its field', answer(400, 'document_parsing_exception'), 'CONVERSION_FAILED', false],
    ['mapping refused', answer(400, 'mapper_parsing_exception'), 'CONVERSION_FAILED', false],
    ['field that a strict mapping lacks', answer(400, 'strict_dynamic_mapping_exception'), 'CONSTRAINT_VIOLATED', false],
    ['script', answer(400, 'script_exception'), 'INVALID_EXPRESSION', false],
    ['conflict', answer(409, 'version_conflict_engine_exception'), 'STORE_BUSY', true],
    ['queue full', answer(429, 'es_rejected_execution_exception'), 'STORE_BUSY', true],
    ['memory', answer(429, 'circuit_breaking_exception'), 'STORE_BUSY', true],
    ['snapshot gone', answer(404, 'search_context_missing_exception'), 'STORE_BUSY', true],
    ['shard not there', answer(503, 'unavailable_shards_exception'), 'STORE_BUSY', true],
    ['no master', answer(503, 'master_not_discovered_exception'), 'CONNECTION_LOST', true],
    [
      'writes blocked',
      answer(403, 'cluster_block_exception', 'index [a] blocked by: [FORBIDDEN/8/index write (api)];'),
      'STORE_BUSY',
      true,
    ],
    [
      'disk full',
      answer(
        429,
        'cluster_block_exception',
        'index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];',
      ),
      'STORE_FULL',
      true,
    ],
    ['password', answer(401, 'security_exception'), 'AUTHENTICATION_FAILED', false],
    ['right missing', answer(403, 'security_exception'), 'PERMISSION_DENIED', false],
    ['request too large', answer(413), 'CONSTRAINT_VIOLATED', false],
    ['gateway', answer(502), 'CONNECTION_LOST', true],
    ['gateway in time', answer(504), 'CONNECTION_LOST', true],
    ['unknown type', answer(400, 'something_new_exception'), 'STATEMENT_FAILED', false],
    ['connection', new errors.ConnectionError('reset', meta), 'CONNECTION_LOST', true],
    ['time', new errors.TimeoutError('late', meta), 'CONNECTION_LOST', true],
    ['closed client', new errors.NoLivingConnectionsError('none', meta), 'CONNECTION_LOST', true],
    ['cut answer', new errors.DeserializationError('end', '{'), 'CONNECTION_LOST', true],
    ['another product', new errors.ProductNotSupportedError('Elasticsearch', meta), 'CONNECTION_FAILED', false],
    ['nothing known', new Error('x'), 'STATEMENT_FAILED', false],
    ['its own', new PolyshiftError('LEASE_LOST', 'x'), 'LEASE_LOST', false],
  ])('%s', (_name, error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
    expect(toPolyshiftError(error)).toMatchObject({ code, retryable });
  });

  it('says what was asked, and what the server has said', () => {
    const error = toPolyshiftError(answer(404, 'index_not_found_exception', 'no such index [a]'), 'source.scan');
    expect(error.message).toBe('source.scan: no such index [a] (index_not_found_exception)');
  });

  it('looks through a failed search at what has failed', () => {
    const body = {
      error: {
        type: 'search_phase_execution_exception',
        reason: 'all shards failed',
        root_cause: [{ type: 'query_shard_exception', reason: 'bad' }],
      },
    };
    const error = new errors.ResponseError({ statusCode: 400, body, headers: {}, warnings: null, meta: {} } as never);
    expect(toPolyshiftError(error).message).toContain('bad (query_shard_exception)');
  });
});
