// Loaded by `node --import` before the command: writes down each module that the process loads, one a line, as a path or as `node:`.
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';

const file = process.env.POLYSHIFT_MODULES_FILE;
const hooks = `
import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  appendFileSync(${JSON.stringify(file)}, url + '\\n');
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

// What is required does not go through the hooks.
for (const extension of ['.js', '.json', '.node']) {
  const load = Module._extensions[extension];
  Module._extensions[extension] = (module, path) => {
    appendFileSync(file, `file://${path}\n`);
    return load(module, path);
  };
}
