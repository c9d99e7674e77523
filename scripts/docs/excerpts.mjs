import { readFile } from 'node:fs/promises';

/** A code block that is marked as an excerpt: the file it is from, then its lines; `...` stands for lines left out. */
const marked = /<!-- from (\S+) -->\n\n```\w*\n([\s\S]*?)\n```/g;

/** The excerpts of a page that are not what their file says: `page: line`, empty where all are. Lines are compared without their indentation. */
export async function staleExcerpts(root, page) {
  const text = await readFile(new URL(page, root), 'utf8');
  const stale = [];
  for (const [, path, excerpt] of text.matchAll(marked)) {
    const lines = (await readFile(new URL(path, root), 'utf8')).split('\n').map((line) => line.trim());
    let position = 0;
    for (const line of excerpt.split('\n').map((each) => each.trim())) {
      if (line === '' || line === '...') continue;
      const found = lines.indexOf(line, position);
      if (found < 0) stale.push(`${page} quotes ${path}: ${line}`);
      else position = found + 1;
    }
  }
  return stale;
}
