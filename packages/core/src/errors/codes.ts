import type { ErrorEntry } from './error-entry.ts';
import { exitCodes } from './exit-codes.ts';

/** Every error code of polyshift; the key is what `PolyshiftError.code` holds. */
export const errorEntries = {
  // -- 1: input
  INVALID_DOCUMENT: {
    number: 'PS1001',
    meaning: 'A migration, spec or configuration does not have the form it must have.',
    action: 'Correct the value at the place named; the operation and ETL references list every field.',
    exit: exitCodes.usage,
  },
  INVALID_SYNTAX: {
    number: 'PS1002',
    meaning: 'A file is not valid YAML, JSON, SQL or TypeScript.',
    action: 'Correct the file at the line and column named.',
    exit: exitCodes.usage,
  },
  UNKNOWN_OPERATION: {
    number: 'PS1003',
    meaning: 'An operation has a type that polyshift does not know.',
    action: 'Use one of the types in the operation reference; the nearest name is suggested.',
    exit: exitCodes.usage,
  },
  UNSUPPORTED_OPERATION: {
    number: 'PS1004',
    meaning: 'The store cannot carry this operation, or not with these options; its capabilities say so.',
    action: 'See the page of the store for what it carries and for the way around.',
    exit: exitCodes.usage,
  },
  FILE_NOT_FOUND: {
    number: 'PS1005',
    meaning: 'A file or folder that was named does not exist or cannot be read.',
    action: 'Check the path; `polyshift init` writes a configuration and a folder for migrations.',
    exit: exitCodes.usage,
  },
  MISSING_ENVIRONMENT: {
    number: 'PS1006',
    meaning: 'A ${NAME} in a configuration or spec names an environment variable that is not set.',
    action: 'Set the variable, or write ${NAME:-default}.',
    exit: exitCodes.usage,
  },
  UNKNOWN_STORE: {
    number: 'PS1007',
    meaning: 'A store has a type without an adapter, or a name that the configuration does not have.',
    action: 'Install the adapter package that the message names, or correct the name.',
    exit: exitCodes.usage,
  },
  UNKNOWN_FUNCTION: {
    number: 'PS1008',
    meaning: 'A transformation rule calls a function that is neither built in nor in the module of the spec.',
    action: 'Use a built-in function, or export it from the module named under `functions`.',
    exit: exitCodes.usage,
  },
  INVALID_EXPRESSION: {
    number: 'PS1009',
    meaning: 'An expression does not parse, or its types do not fit the fields.',
    action: 'Correct the expression at the position named.',
    exit: exitCodes.usage,
  },
  UNKNOWN_FIELD: {
    number: 'PS1010',
    meaning: 'A document, rule or condition names a field that the collection or table does not have.',
    action: 'Correct the name; the nearest existing one is suggested.',
    exit: exitCodes.usage,
  },
  USAGE: {
    number: 'PS1011',
    meaning: 'A command was called with arguments that it does not take.',
    action: 'See `polyshift COMMAND --help`.',
    exit: exitCodes.usage,
  },
  UNKNOWN_COLLECTION: {
    number: 'PS1012',
    meaning: 'A collection or table does not exist in the store.',
    action: 'Correct the name, or create it first by create_collection.',
    exit: exitCodes.usage,
  },
  ALREADY_EXISTS: {
    number: 'PS1013',
    meaning: 'A collection, field, index or constraint of that name is already there with another definition.',
    action: 'Choose another name, or remove the existing one by an operation of its own.',
    exit: exitCodes.usage,
  },
  // -- 2: store
  CONNECTION_FAILED: {
    number: 'PS2001',
    meaning: 'The store could not be reached or refused the connection.',
    action: 'Check URL, network and TLS options; nothing was changed.',
    exit: exitCodes.connection,
  },
  AUTHENTICATION_FAILED: {
    number: 'PS2002',
    meaning: 'The store refused the user or the password.',
    action: 'Check the credentials in the URL or in the environment; nothing was changed.',
    exit: exitCodes.connection,
  },
  CONNECTION_LOST: {
    number: 'PS2003',
    meaning: 'The store went away in the middle of the run.',
    action: 'Run the same command again: it resumes where it stopped.',
    exit: exitCodes.resumable,
  },
  PERMISSION_DENIED: {
    number: 'PS2004',
    meaning: 'The user of the store lacks a permission that the statement needs.',
    action: 'Grant the permission named, or run as another user.',
    exit: exitCodes.failed,
  },
  STORE_BUSY: {
    number: 'PS2005',
    meaning: 'The store could not take the statement in time: a lock, a deadlock, a write conflict or a throttle.',
    action: 'It was retried with pauses; run again when the store is less busy, or raise the limit.',
    exit: exitCodes.resumable,
  },
  DUPLICATE_KEY: {
    number: 'PS2006',
    meaning: 'A value that must be unique exists already.',
    action: 'Remove the duplicates that the message names, or drop the uniqueness.',
    exit: exitCodes.failed,
  },
  CONSTRAINT_VIOLATED: {
    number: 'PS2007',
    meaning: 'Existing or new data break a constraint or a validation schema.',
    action: 'Correct the data that the message names.',
    exit: exitCodes.failed,
  },
  STORE_FULL: {
    number: 'PS2008',
    meaning: 'The store has no room, or accepts no writes now.',
    action:
      'It was tried again with pauses, and nothing was taken back. Make room or point to a writable node, then run again: it resumes.',
    exit: exitCodes.resumable,
  },
  STATEMENT_FAILED: {
    number: 'PS2009',
    meaning: 'The store refused a statement for a reason that has no code of its own.',
    action: 'The message carries the words of the store.',
    exit: exitCodes.failed,
  },
  BATCH_TOO_LARGE: {
    number: 'PS2010',
    meaning: 'The store refused a write for its size.',
    action:
      'A load writes its rows again in halves by itself; a single row that is too large is rejected and kept as a dead letter.',
    exit: exitCodes.failed,
  },
  // -- 3: history and lock
  LOCKED: {
    number: 'PS3001',
    meaning: 'Another run holds the lock of this store.',
    action: 'Wait for it. A dead holder loses the lock when its lease ends; `polyshift unlock` releases it by hand.',
    exit: exitCodes.locked,
  },
  LEASE_LOST: {
    number: 'PS3002',
    meaning: 'This run lost its lock to another run and stopped before its next write.',
    action: 'Look at `polyshift status`; run again when the other run has ended.',
    exit: exitCodes.locked,
  },
  CHECKSUM_CHANGED: {
    number: 'PS3003',
    meaning: 'The file of an applied migration has changed since.',
    action: 'Put the file back as it was and write a new migration for the change.',
    exit: exitCodes.failed,
  },
  MIGRATION_MISSING: {
    number: 'PS3004',
    meaning: 'The history holds an applied migration whose file is gone.',
    action: 'Bring the file back from version control.',
    exit: exitCodes.failed,
  },
  OUT_OF_ORDER: {
    number: 'PS3005',
    meaning: 'A pending migration has a lower version than one already applied, or two files share a version.',
    action: 'Give it a version after the newest applied one.',
    exit: exitCodes.failed,
  },
  VERSION_UNKNOWN: {
    number: 'PS3006',
    meaning: 'No migration has the version that was named.',
    action: '`polyshift status` lists the versions.',
    exit: exitCodes.usage,
  },
  VERSION_UNEXPECTED: {
    number: 'PS3007',
    meaning: 'The current version of the store is not the one that --expect-current names.',
    action: 'Look at `polyshift status`: somebody else has migrated this store.',
    exit: exitCodes.failed,
  },
  JOURNAL_FORMAT: {
    number: 'PS3008',
    meaning: 'The journal in the store was written by a newer version of polyshift.',
    action: 'Run with that version or a newer one.',
    exit: exitCodes.failed,
  },
  // -- 4: run and checks
  CHECK_FAILED: {
    number: 'PS4001',
    meaning: 'A check before or after an operation has failed.',
    action: 'Each failed check names its action; nothing stays half done.',
    exit: exitCodes.failed,
  },
  NOT_REVERSIBLE: {
    number: 'PS4002',
    meaning: 'What rollback would need is not there, so nothing was rolled back.',
    action: 'The message says what is missing; a new migration forward is the way.',
    exit: exitCodes.failed,
  },
  STOPPED: {
    number: 'PS4003',
    meaning: 'The run was stopped part-way, by a signal or on request.',
    action: 'Run the same command again: it resumes where it stopped.',
    exit: exitCodes.resumable,
  },
  UNFINISHED_RUN: {
    number: 'PS4004',
    meaning: 'An earlier run stopped part-way; the command that was asked for cannot start before it has ended.',
    action: '`polyshift up` finishes it, `polyshift down` takes it back; `polyshift doctor` explains it.',
    exit: exitCodes.resumable,
  },
  WRITTEN_SINCE: {
    number: 'PS4005',
    meaning: 'The application has written data that a rollback would remove or overwrite.',
    action: 'The message names the rows; keep them elsewhere first, or go on forward.',
    exit: exitCodes.failed,
  },
  NOT_SCRIPTABLE: {
    number: 'PS4006',
    meaning:
      'The way back cannot be printed as a script: the store has no statement language, or an operation is more than statements can say.',
    action: 'The message names the operation and the reason; `polyshift down` itself takes it back.',
    exit: exitCodes.failed,
  },
  ONLINE_REFUSED: {
    number: 'PS4007',
    meaning: 'An operation has no online form: an application that is in use would notice it, or would have to wait for it.',
    action: 'The hint names the safe way; without --online the operation runs as it is.',
    exit: exitCodes.failed,
  },
  VERSION_OPEN: {
    number: 'PS4008',
    meaning: 'Two versions of a collection are in use, and what was asked for has to wait until one of them has ended.',
    action:
      '`polyshift finalize VERSION` ends the old one, `polyshift down` the new one; `polyshift status` says what is in the way.',
    exit: exitCodes.failed,
  },
  // -- 5: ETL
  LOSS_REFUSED: {
    number: 'PS5001',
    meaning: 'The target cannot hold a value exactly and the spec says `on_loss: error`.',
    action: 'Ask for the text form of the field by `cast`, or allow the nearest value.',
    exit: exitCodes.failed,
  },
  ROW_REJECTED: {
    number: 'PS5002',
    meaning: 'Rows could not be converted or loaded, more than the spec allows.',
    action: 'The report names their keys and reasons.',
    exit: exitCodes.failed,
  },
  CONVERSION_FAILED: {
    number: 'PS5003',
    meaning: 'A value cannot be converted to the type that the rule or the target asks for.',
    action: 'Correct the rule, or clean the value at the source.',
    exit: exitCodes.failed,
  },
  RECONCILE_FAILED: {
    number: 'PS5004',
    meaning: 'Source and target differ after the load.',
    action: 'The report names the rows and fields that differ.',
    exit: exitCodes.failed,
  },
  SPEC_CHANGED: {
    number: 'PS5005',
    meaning: 'The spec has changed since the run that is to be resumed, verified or rolled back.',
    action: 'Put the spec back, or roll back the run first.',
    exit: exitCodes.usage,
  },
  NO_RUN: {
    number: 'PS5006',
    meaning: 'The target holds no run of this spec.',
    action: 'Run it first by `polyshift etl run`.',
    exit: exitCodes.usage,
  },
  ORPHANED: {
    number: 'PS5007',
    meaning: 'A row refers to a row that is not there, and a join of the spec requires it.',
    action: 'Add the missing row at the source and run `polyshift etl retry-dead-letters`, or do not require it.',
    exit: exitCodes.failed,
  },
  SOURCE_CHANGED: {
    number: 'PS5008',
    meaning: 'The columns of the source have changed since the run began.',
    action: 'Put them back and run again: it resumes. Or take the load back by `polyshift etl rollback` and run it anew.',
    exit: exitCodes.failed,
  },
  WORKER_DIED: {
    number: 'PS5009',
    meaning:
      'Threads that loaded a chunk have died, one after the other: a function of the spec ended them, or they had no memory left.',
    action:
      'Correct the function, or read smaller batches, and run again: it resumes. `polyshift etl run --local` runs without threads.',
    exit: exitCodes.resumable,
  },
  // -- 9: internal
  INTERNAL: {
    number: 'PS9001',
    meaning: 'polyshift has met a state that it holds to be impossible.',
    action: 'Please report it with the message.',
    exit: exitCodes.failed,
  },
} as const satisfies Record<string, ErrorEntry>;

/** The code of a `PolyshiftError`. */
export type ErrorCode = keyof typeof errorEntries;
