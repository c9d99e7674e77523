import { invalid, type PatternNode, parsePattern } from './parse-pattern.ts';

/** States of a compiled expression, at most: each unit of text costs at most as many steps. */
const mostStates = 10_000;

type State =
  | { readonly kind: 'unit'; readonly holds: (unit: string) => boolean; readonly next: number }
  | { readonly kind: 'place'; readonly at: 'start' | 'end' | 'word' | 'inner'; readonly next: number }
  | { kind: 'split'; next: readonly number[] }
  | { readonly kind: 'end' };

/**
 * Compiles a regular expression for texts that may be hostile: whether it matches is found in time in proportion to the text, whatever the expression.
 * (The engine of JavaScript goes back and tries again, which may take longer than anybody lives: `(a+)+$`.)
 *
 * @throws ConversionError for back references, for what looks ahead or behind, for what is no regular expression, and for repetitions that are too large
 */
export function compilePattern(source: string): (text: string) => boolean {
  const states: State[] = [{ kind: 'end' }];
  const start = add(parsePattern(source), 0);
  return (text) => matches(states, start, text);

  /** Adds the states of a node before those of what follows it, and gives the first. */
  function add(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'unit':
      case 'place':
        return put({ ...node, next });
      case 'all':
        return node.of.reduceRight((after, each) => add(each, after), next);
      case 'any':
        return put({ kind: 'split', next: node.of.map((each) => add(each, next)) });
      case 'repeated':
        return addRepeated(node, next);
    }
  }

  function addRepeated({ of, least, most }: Extract<PatternNode, { kind: 'repeated' }>, next: number): number {
    let first = next;
    if (most === Infinity) {
      const loop: Extract<State, { kind: 'split' }> = { kind: 'split', next: [next] };
      first = put(loop);
      loop.next = [add(of, first), next];
    } else for (let count = least; count < most; count++) first = put({ kind: 'split', next: [add(of, first), next] });
    for (let count = 0; count < least; count++) first = add(of, first);
    return first;
  }

  function put(state: State): number {
    if (states.length >= mostStates) throw invalid(source, `its repetitions make more than ${mostStates} states`);
    return states.push(state) - 1;
  }
}

/** Walks through the text once, in all states at the same time. */
function matches(states: readonly State[], start: number, text: string): boolean {
  let current: number[] = [];
  const seen = new Int32Array(states.length).fill(-1);
  for (let at = 0; ; at++) {
    // A match may begin anywhere.
    if (reached(states, [...current, start], seen, text, at)) return true;
    if (at >= text.length) return false;
    current = stepped(states, seen, text[at]!, at);
  }
}

/** Marks all states that can be reached at a place without going on in the text; true where the end is one of them. */
function reached(states: readonly State[], from: number[], seen: Int32Array, text: string, at: number): boolean {
  for (let id = from.pop(); id !== undefined; id = from.pop()) {
    if (seen[id] === at) continue;
    seen[id] = at;
    const state = states[id]!;
    if (state.kind === 'end') return true;
    if (state.kind === 'split') from.push(...state.next);
    else if (state.kind === 'place' && isAt(state.at, text, at)) from.push(state.next);
  }
  return false;
}

function stepped(states: readonly State[], seen: Int32Array, unit: string, at: number): number[] {
  const next: number[] = [];
  for (let id = 0; id < states.length; id++) {
    const state = states[id]!;
    if (seen[id] === at && state.kind === 'unit' && state.holds(unit)) next.push(state.next);
  }
  return next;
}

function isAt(place: 'start' | 'end' | 'word' | 'inner', text: string, at: number): boolean {
  if (place === 'start') return at === 0;
  if (place === 'end') return at === text.length;
  const edge = isWord(text[at - 1]) !== isWord(text[at]);
  return place === 'word' ? edge : !edge;
}

function isWord(unit: string | undefined): boolean {
  return unit !== undefined && /\w/.test(unit);
}
