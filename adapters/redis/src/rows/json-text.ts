import { PolyshiftError } from '@polyshift/core';
import { type JsonMember, type JsonNode, parseNodes } from '../values/json-node.ts';

/** The text of a row that is a string, with the places of its members. Changes of one member leave every other byte as it is. */
export class JsonText {
  readonly text: string;
  readonly root: JsonNode & { kind: 'object' };

  private constructor(text: string, root: JsonNode & { kind: 'object' }) {
    this.text = text;
    this.root = root;
  }

  /** Throws CONVERSION_FAILED for a text that is no JSON object; `id` names the row. */
  static parse(bytes: Buffer, id: string): JsonText {
    const text = bytes.toString();
    try {
      const root = parseNodes(text);
      if (root.kind === 'object') return new JsonText(text, root);
    } catch (error) {
      throw new PolyshiftError('CONVERSION_FAILED', `the row ${id} is a string that is not JSON: ${(error as Error).message}`, {
        cause: error,
      });
    }
    throw new PolyshiftError('CONVERSION_FAILED', `the row ${id} is a string that is no JSON object`);
  }

  /** The member of a name; the last one where it stands twice, as every reader of JSON takes it. */
  member(name: string): JsonMember | undefined {
    return this.root.members.findLast((member) => member.name === name);
  }

  /** With a member set: in its place, or behind the last one. */
  set(name: string, json: string): JsonText {
    const member = this.member(name);
    if (member) return this.replaced(member.value.start, member.value.end, json);
    const last = this.root.members.at(-1);
    const at = last ? last.value.end : this.root.start + 1;
    return this.replaced(at, at, `${last ? ',' : ''}${JSON.stringify(name)}:${json}`);
  }

  /** With another name for a member, in its place. */
  rename(from: string, to: string): JsonText {
    const member = this.member(from);
    return member ? this.replaced(member.start, member.nameEnd, JSON.stringify(to)) : this;
  }

  /** Without the members of a name. */
  unset(name: string): JsonText {
    const { members } = this.root;
    const index = members.findLastIndex((member) => member.name === name);
    if (index === -1) return this;
    // The comma goes with it: the one before, or the one behind the first member.
    const [previous, next] = [members[index - 1], members[index + 1]];
    const start = previous ? previous.value.end : members[index]!.start;
    const end = previous || !next ? members[index]!.value.end : next.start;
    return this.replaced(start, end, '').unset(name);
  }

  private replaced(start: number, end: number, part: string): JsonText {
    const text = this.text.slice(0, start) + part + this.text.slice(end);
    return new JsonText(text, parseNodes(text) as JsonNode & { kind: 'object' });
  }
}
