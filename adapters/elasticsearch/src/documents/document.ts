import type { JsonFields } from '../json/node.ts';
import { fieldsText } from '../json/node.ts';
import { parseFields } from '../json/parse.ts';

/** A document as Elasticsearch holds it. Its fields are parsed when they are asked for: a copy inside of the store needs none. */
export class StoredDocument {
  readonly id: string;
  /** Where it does not go by the id. */
  readonly routing: string | undefined;
  /** `_source`, as JSON text. */
  readonly text: string;
  private parsed: JsonFields | undefined;

  constructor(id: string, text: string, routing?: string, parsed?: JsonFields) {
    this.id = id;
    this.text = text;
    this.routing = routing;
    this.parsed = parsed;
  }

  /** A document made of fields. */
  static of(id: string, fields: JsonFields, routing?: string): StoredDocument {
    return new StoredDocument(id, fieldsText(fields), routing, fields);
  }

  /** The fields of the document. They must not be changed. */
  get fields(): JsonFields {
    this.parsed ??= parseFields(this.text);
    return this.parsed;
  }

  /** The text without white space: the same for documents that are the same. */
  get canonical(): string {
    return fieldsText(this.fields);
  }
}

/** A document with what a conditional write of it must name. */
export interface VersionedDocument {
  readonly document: StoredDocument;
  readonly seq_no: number;
  readonly primary_term: number;
}
