import fc from 'fast-check';
import { expectAgreement } from '../agreement.ts';
import { type ModelCommand, pick } from '../command.ts';
import { type Content, type ContentKind, contentKinds, contentOf } from '../content.ts';
import type { Model } from '../model.ts';
import type { ModelStage } from '../model-stage.ts';

/** Ways to edit the folder of migrations. */
const ways = ['append', 'change', 'remove', 'insert', 'swap', 'restore'] as const;

interface Edit {
  readonly way: (typeof ways)[number];
  readonly kind: ContentKind;
  /** Which file. */
  readonly at: number;
}

/** Versions between which others fit. */
const versionStep = 10;

/** Edits the files: what was run already is then refused until it is as it was, or repaired. */
class EditCommand implements ModelCommand {
  private readonly edit: Edit;

  constructor(edit: Edit) {
    this.edit = edit;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, stage: ModelStage): Promise<void> {
    edits[this.edit.way](model, this.edit);
    await expectAgreement(model, stage);
  }

  toString(): string {
    const { way, kind, at } = this.edit;
    return `edit: ${way} ${kind} at ${at}`;
  }
}

const versionOf = (number: number): string => String(number).padStart(4, '0');

/** Files after the first: without the first, nothing else could be applied. */
const othersOf = (model: Model): string[] => model.versions.slice(1);

/** A new content, with what it needs for itself taken. */
function draw(model: Model, kind: ContentKind): Content {
  const number = ++model.drawn;
  const field = kind === 'rename' || kind === 'remove' ? model.spare.pop() : undefined;
  const collection = kind === 'drop' ? model.created.pop() : undefined;
  const content = contentOf(kind, number, field, collection);
  if (kind === 'create' || (kind === 'drop' && collection === undefined)) model.created.push(...content.touches);
  return content;
}

const edits: Readonly<Record<Edit['way'], (model: Model, edit: Edit) => void>> = {
  append(model, { kind }) {
    const last = Number(model.versions.at(-1) ?? 0);
    model.files.set(versionOf((Math.floor(last / versionStep) + 1) * versionStep), draw(model, kind));
  },
  change(model, { kind, at }) {
    const version = pick(othersOf(model), at);
    if (version !== undefined) model.files.set(version, draw(model, kind));
  },
  remove(model, { at }) {
    const version = pick(othersOf(model), at);
    if (version !== undefined) model.files.delete(version);
  },
  insert(model, { kind, at }) {
    const version = pick(othersOf(model), at);
    if (version === undefined) return;
    const before = versionOf(Number(version) - 1);
    if (!model.files.has(before) && !model.entries.has(before)) model.files.set(before, draw(model, kind));
  },
  swap(model, { at }) {
    const others = othersOf(model);
    const [one, two] = [pick(others, at), pick(others, at + 1)];
    if (one === undefined || two === undefined) return;
    const [first, second] = [model.files.get(one)!, model.files.get(two)!];
    model.files.set(one, second);
    model.files.set(two, first);
  },
  restore(model, { at }) {
    const problem = pick(
      model.problems().filter(({ code }) => code !== 'OUT_OF_ORDER'),
      at,
    );
    if (!problem) return;
    const { content, accepted } = model.entries.get(problem.version)!;
    // What repair has accepted is not what was run, and nobody has it any more.
    if (content.id === accepted) model.files.set(problem.version, content);
  },
};

/** Any edit. */
export const editCommand: fc.Arbitrary<ModelCommand> = fc
  .record({
    way: fc.oneof({ weight: 3, arbitrary: fc.constant('append' as const) }, { weight: 5, arbitrary: fc.constantFrom(...ways) }),
    kind: fc.constantFrom(...contentKinds),
    at: fc.nat(20),
  })
  .map((edit) => new EditCommand(edit));

/** A new file after all others. */
export const appendCommand: fc.Arbitrary<ModelCommand> = fc
  .constantFrom(...contentKinds)
  .map((kind) => new EditCommand({ way: 'append', kind, at: 0 }));
