import { errors } from '@elastic/elasticsearch';
import { type ErrorCode, isNetworkError, isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { JsonSyntaxError } from './json/parse.ts';

/** Which code an error has, and whether the same call may pass later. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

/** An error as Elasticsearch describes it, of a whole request or of one item of a bulk. */
export interface ServerError {
  /** HTTP status. */
  readonly status: number;
  /** `document_parsing_exception` and the like; empty where the answer was not Elasticsearch's. */
  readonly type: string;
  readonly reason: string;
}

const lost: Classification = { code: 'CONNECTION_LOST', retryable: true };
const busy: Classification = { code: 'STORE_BUSY', retryable: true };
const once = (code: ErrorCode): Classification => ({ code, retryable: false });

/** What the types of Elasticsearch's errors mean; those that are not here go by their HTTP status. */
const byType: Readonly<Record<string, Classification>> = {
  alias_limit_exceeded_exception: once('CONSTRAINT_VIOLATED'),
  circuit_breaking_exception: busy,
  concurrent_snapshot_execution_exception: busy,
  coordination_state_rejected_exception: lost,
  document_parsing_exception: once('CONVERSION_FAILED'),
  es_rejected_execution_exception: busy,
  failed_to_commit_cluster_state_exception: lost,
  index_closed_exception: once('UNKNOWN_COLLECTION'),
  index_not_found_exception: once('UNKNOWN_COLLECTION'),
  invalid_alias_name_exception: once('ALREADY_EXISTS'),
  invalid_index_name_exception: once('INVALID_DOCUMENT'),
  mapper_exception: once('CONVERSION_FAILED'),
  mapper_parsing_exception: once('CONVERSION_FAILED'),
  master_not_discovered_exception: lost,
  no_shard_available_action_exception: lost,
  node_closed_exception: lost,
  node_not_connected_exception: lost,
  not_master_exception: lost,
  process_cluster_event_timeout_exception: busy,
  resource_already_exists_exception: once('ALREADY_EXISTS'),
  script_exception: once('INVALID_EXPRESSION'),
  search_context_missing_exception: busy,
  snapshot_in_progress_exception: busy,
  strict_dynamic_mapping_exception: once('CONSTRAINT_VIOLATED'),
  unavailable_shards_exception: busy,
  version_conflict_engine_exception: busy,
};

const byStatus: ReadonlyMap<number, Classification> = new Map([
  [401, once('AUTHENTICATION_FAILED')],
  [403, once('PERMISSION_DENIED')],
  [408, busy],
  [409, busy],
  [413, once('CONSTRAINT_VIOLATED')],
  [429, busy],
  [502, lost],
  [503, lost],
  [504, lost],
]);

/** Which code an error of the server has. */
export function classifyServerError({ status, type, reason }: ServerError): Classification {
  if (type === 'cluster_block_exception') {
    // A write block is set for the moment of a swap; one that leaves deletes allowed is the server's own, for want of disk.
    if (/read-only-allow-delete|read-only \/ allow delete|flood-stage/.test(reason))
      return { code: 'STORE_FULL', retryable: true };
    return busy;
  }
  return byType[type] ?? byStatus.get(status) ?? once('STATEMENT_FAILED');
}

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  const server = serverError(error);
  if (server) return classifyServerError(server);
  if (error instanceof errors.ProductNotSupportedError) return once('CONNECTION_FAILED');
  if (
    error instanceof errors.ConnectionError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoLivingConnectionsError ||
    error instanceof errors.RequestAbortedError ||
    error instanceof errors.DeserializationError ||
    error instanceof JsonSyntaxError
  )
    return lost;
  if (isNetworkError(error)) return lost;
  return once('STATEMENT_FAILED');
}

/** What the server has said; undefined where it was not the server that failed. */
export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof errors.ResponseError)) return undefined;
  const body = bodyOf(error);
  const described = (typeof body === 'object' && body !== null ? (body as { error?: unknown }).error : undefined) as
    | { type?: string; reason?: string; root_cause?: { type?: string; reason?: string }[] }
    | string
    | undefined;
  const status = error.statusCode ?? 0;
  if (typeof described !== 'object')
    return { status, type: '', reason: typeof described === 'string' ? described : error.message };
  // A failed search is wrapped; what failed is the root.
  const root = described.type === 'search_phase_execution_exception' ? (described.root_cause?.[0] ?? described) : described;
  return { status, type: root.type ?? '', reason: root.reason ?? error.message };
}

function bodyOf(error: errors.ResponseError): unknown {
  if (typeof error.body !== 'string') return error.body;
  try {
    return JSON.parse(error.body) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether the server has answered with one of these types of error. */
export function hasType(error: unknown, ...types: string[]): boolean {
  const server = serverError(error);
  return server !== undefined && types.includes(server.type);
}

/** The error as it leaves the adapter; `doing` tells in a few words what was asked of the server. */
export function toPolyshiftError(error: unknown, doing?: string): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const server = serverError(error);
  const message = server
    ? `${server.reason}${server.type ? ` (${server.type})` : ''}`
    : error instanceof Error
      ? error.message
      : String(error);
  return new PolyshiftError(code, `${doing ? `${doing}: ` : ''}${message}`, {
    retryable,
    cause: error,
    ...(code === 'PERMISSION_DENIED'
      ? { hint: 'Grant the user of the URL the privileges read, write, manage and maintenance on the indices of this prefix.' }
      : {}),
  });
}
