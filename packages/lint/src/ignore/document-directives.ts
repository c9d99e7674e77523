import { type Directive, parseDirective } from './directive.ts';

/** The directives in the comments of a YAML or TypeScript file: `# ...`, `// ...` and block comments on one line. */
export function documentDirectives(text: string): Directive[] {
  return text.split('\n').flatMap((line, index) => {
    const comment = /(?:^|\s)(?:#|\/\/|\/\*)\s*(?=polyshift-lint-ignore)(.*?)(?:\*\/.*)?$/.exec(line);
    if (!comment) return [];
    return parseDirective(comment[1]!, index + 1, comment.index + comment[0].search(/\S/) + 1) ?? [];
  });
}
