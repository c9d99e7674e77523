import { type Cursor, splitAtCommas } from './cursor.ts';
import type { Setting, StatementBody } from './statement.ts';

/** Reads what follows SET. */
export function readSet(cursor: Cursor): StatementBody {
  let scope: Setting['scope'] = 'session';
  const settings = splitAtCommas(cursor.rest()).flatMap((tokens): Setting[] => {
    const words = [...tokens];
    const first = words[0]?.value ?? '';
    if (/^(GLOBAL|PERSIST|PERSIST_ONLY|SESSION|LOCAL)$/.test(first)) {
      scope = scopeOf(first);
      words.shift();
    }
    const name = words.shift()?.value.toLowerCase() ?? '';
    const system = /^@@(?:(global|persist|persist_only|session|local)\.)?(.+)$/.exec(name);
    if (name.startsWith('@') && !system) return [];
    if (/^(=|:=)$/.test(words[0]?.raw ?? '')) words.shift();
    const value = words.map(({ raw }) => raw).join(' ');
    return [{ scope: system?.[1] ? scopeOf(system[1].toUpperCase()) : scope, name: system?.[2] ?? name, value }];
  });
  return { kind: 'set', settings };
}

function scopeOf(word: string): Setting['scope'] {
  if (word === 'GLOBAL') return 'global';
  return word.startsWith('PERSIST') ? 'persist' : 'session';
}
