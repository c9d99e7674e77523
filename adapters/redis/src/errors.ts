import { type ErrorCode, isNetworkError, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** Which code an error has, and whether the same call may pass later. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const lost: Classification = { code: 'CONNECTION_LOST', retryable: true };
const busy: Classification = { code: 'STORE_BUSY', retryable: true };
const once = (code: ErrorCode): Classification => ({ code, retryable: false });

/** What the first word of the server's errors means; those that are not here are STATEMENT_FAILED. */
const byPrefix: Readonly<Record<string, Classification>> = {
  // No memory left under maxmemory with noeviction: it passes when somebody makes room.
  OOM: { code: 'STORE_FULL', retryable: true },
  // A disk that cannot be written (MISCONF), replicas that are missing (NOREPLICAS), a replica: a writable node may come back.
  MISCONF: { code: 'STORE_FULL', retryable: true },
  NOREPLICAS: { code: 'STORE_FULL', retryable: true },
  READONLY: { code: 'STORE_FULL', retryable: true },
  LOADING: busy,
  BUSY: busy,
  TRYAGAIN: busy,
  CLUSTERDOWN: busy,
  MASTERDOWN: busy,
  MOVED: busy,
  ASK: busy,
  UNBLOCKED: lost,
  NOAUTH: once('AUTHENTICATION_FAILED'),
  WRONGPASS: once('AUTHENTICATION_FAILED'),
  NOPERM: once('PERMISSION_DENIED'),
  DENIED: once('PERMISSION_DENIED'),
  WRONGTYPE: once('STATEMENT_FAILED'),
  CROSSSLOT: once('INTERNAL'),
  BUSYKEY: once('ALREADY_EXISTS'),
};

/** What the driver says when there is no connection. */
const lostMessages =
  /^(?:Connection is closed|Stream isn't writeable|Reached the max retries per request|Command timed out|None of startup nodes|Failed to refresh slots|Cluster is ended|The connection was)/;

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  if (isNetworkError(error, ['EAI_AGAIN'])) return lost;
  if (!(error instanceof Error)) return once('STATEMENT_FAILED');
  const prefix = /^([A-Z]+)\b/.exec(error.message)?.[1];
  const known = prefix === undefined ? undefined : byPrefix[prefix];
  if (known) return known;
  if (/^ERR .*(?:without any password configured|invalid password|invalid username)/i.test(error.message))
    return once('AUTHENTICATION_FAILED');
  if (/^ERR (?:max number of clients reached)/.test(error.message)) return busy;
  return lostMessages.test(error.message) ? lost : once('STATEMENT_FAILED');
}

const hints: { readonly [Code in ErrorCode]?: string } = {
  STORE_FULL: 'Raise maxmemory, make room or point to a writable master, then run again: it resumes.',
  PERMISSION_DENIED: 'Give the user of the URL the commands on the keys below key_prefix, by ACL SETUSER.',
};

/** The error as it leaves the adapter; `doing` tells in a few words what was asked of the server. */
export function toPolyshiftError(error: unknown, doing?: string): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const message = error instanceof Error ? error.message : String(error);
  const hint = hints[code];
  return new PolyshiftError(code, `${doing ? `${doing}: ` : ''}${message}`, {
    retryable,
    cause: withoutCommand(error),
    ...(hint ? { hint } : {}),
  });
}

/** The driver keeps the command beside its error, with values and passwords: they stay out of logs. */
function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) delete error.command;
  return error;
}

/** Whether the server has said that a key holds another type. */
export function isWrongType(reply: unknown): boolean {
  return reply instanceof Error && reply.message.startsWith('WRONGTYPE');
}
