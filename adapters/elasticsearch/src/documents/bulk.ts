import { PolyshiftError, pause } from '@polyshift/core';
import { classifyServerError, type ServerError, serverError } from '../errors.ts';
import { requestLines } from '../http/request.ts';
import type { Store } from '../store.ts';

/** One write of a bulk. */
export interface BulkItem {
  readonly index: string;
  /** `create` only where the id is free, `index` whatever is there, `delete`. */
  readonly action: 'create' | 'index' | 'delete';
  readonly id: string;
  readonly routing?: string | undefined;
  /** Only where the document still is the one of this position in the index's history. */
  readonly if?: { readonly seq_no: number; readonly primary_term: number };
  /** The document, as JSON text; none for a delete. */
  readonly text?: string;
}

/** What became of an item: done, or why not. A delete of what is not there is done. */
export type BulkOutcome = { readonly done: true } | { readonly done: false; readonly error: ServerError };

/** Bytes of one request: the server takes 100 MiB at most, and works best with much less. */
const requestBytes = 8_000_000;

/** The longest document that fits into a request, in bytes. */
export const maxDocumentBytes = 100_000_000;

/** Attempts in which nothing is done before a server that is busy is an error; pauses double from 50 ms to 5 s, so about half a minute. */
const attempts = 12;

interface Sized {
  readonly position: number;
  readonly lines: string;
  readonly bytes: number;
}

interface ItemAnswer {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string; readonly caused_by?: { readonly reason?: string } };
}

/**
 * Does each item, or says what the server has against it; outcomes by position. Where the server is busy (429), the items that it has
 * refused are sent again after a pause, in smaller requests. Throws what is not about single items.
 */
export async function bulk(store: Store, items: readonly BulkItem[]): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = new Array(items.length);
  let open = items.map((item, position) => sized(item, position));
  let limit = requestBytes;
  let attempt = 0;
  while (open.length > 0) {
    const busy: Sized[] = [];
    for (const request of requestsOf(open, limit)) {
      for (const [offset, outcome] of (await send(store, request)).entries()) {
        const item = request[offset]!;
        if (isBusy(outcome)) busy.push(item);
        else outcomes[item.position] = outcome;
      }
      // Nothing more is sent to a server that has just refused: what is left waits with the refused ones.
      if (busy.length > 0) {
        busy.push(...open.slice(open.indexOf(request.at(-1)!) + 1));
        break;
      }
    }
    if (busy.length === 0) return outcomes;
    attempt = busy.length < open.length ? 1 : attempt + 1;
    if (attempt > attempts) {
      throw new PolyshiftError(
        'STORE_BUSY',
        `Elasticsearch refuses writes because it is busy: ${busy.length} of ${items.length} are not done`,
        {
          retryable: true,
          hint: 'Run again when there is less traffic; it resumes.',
        },
      );
    }
    await pause(Math.min(50 * 2 ** (attempt - 1), 5000) * (0.5 + Math.random() / 2));
    limit = Math.max(Math.floor(limit / 2), 50_000);
    open = busy.sort((left, right) => left.position - right.position);
  }
  return outcomes;
}

/** Whether the same item may be taken a moment later; a disk that is full (a block, 429 too) is none that passes by itself. */
function isBusy(outcome: BulkOutcome): boolean {
  return !outcome.done && outcome.error.status === 429 && outcome.error.type !== 'cluster_block_exception';
}

/** Whether the condition of an item did not hold: the id is taken, or the document is another. */
export function isConflict(outcome: BulkOutcome): boolean {
  return !outcome.done && outcome.error.type === 'version_conflict_engine_exception';
}

/** Throws for the first item that was not done. */
export function allDone(items: readonly BulkItem[], outcomes: readonly BulkOutcome[], doing: string): void {
  const position = outcomes.findIndex((outcome) => !outcome.done);
  const outcome = outcomes[position];
  if (!outcome || outcome.done) return;
  const { code, retryable } = classifyServerError(outcome.error);
  throw new PolyshiftError(code, `${doing}: the document ${items[position]!.id} cannot be written: ${outcome.error.reason}`, {
    retryable,
  });
}

function sized(item: BulkItem, position: number): Sized {
  const { index, action, id, routing, if: condition, text } = item;
  const header = {
    [action]: {
      _index: index,
      _id: id,
      ...(routing === undefined ? {} : { routing }),
      ...(condition ? { if_seq_no: condition.seq_no, if_primary_term: condition.primary_term } : {}),
    },
  };
  // A document with line breaks in it was stored by somebody else; a break ends a line of a bulk.
  const line = text === undefined ? '' : `${/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text}\n`;
  const lines = `${JSON.stringify(header)}\n${line}`;
  return { position, lines, bytes: Buffer.byteLength(lines) };
}

function* requestsOf(items: readonly Sized[], limit: number): Generator<Sized[]> {
  let request: Sized[] = [];
  let bytes = 0;
  for (const item of items) {
    if (request.length > 0 && bytes + item.bytes > limit) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(item);
    bytes += item.bytes;
  }
  if (request.length > 0) yield request;
}

async function send(store: Store, items: readonly Sized[]): Promise<BulkOutcome[]> {
  try {
    const answer = await requestLines<{ items: Record<string, ItemAnswer>[] }>(
      store,
      ['_bulk'],
      items.map(({ lines }) => lines).join(''),
      // An index that is not there is an error, not to be made by a write. Answers are long otherwise.
      {
        require_alias: false,
        filter_path: 'items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason',
      },
    );
    return answer.items.map((item) => outcomeOf(Object.values(item)[0]!));
  } catch (error) {
    const server = serverError(error);
    if (server?.status === 413 && items.length > 1) return inHalves(store, items);
    // The whole request was refused before anything of it was done.
    if (server?.status === 429 || server?.status === 413) return items.map(() => ({ done: false, error: server }));
    throw error;
  }
}

async function inHalves(store: Store, items: readonly Sized[]): Promise<BulkOutcome[]> {
  const middle = Math.ceil(items.length / 2);
  return [...(await send(store, items.slice(0, middle))), ...(await send(store, items.slice(middle)))];
}

function outcomeOf({ status, error }: ItemAnswer): BulkOutcome {
  if (!error) return { done: true };
  const cause = error.caused_by?.reason;
  return { done: false, error: { status, type: error.type, reason: cause ? `${error.reason}: ${cause}` : error.reason } };
}
