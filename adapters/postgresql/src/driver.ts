import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The driver. Other modules take its values from here, and only types from the package itself. */
export const driver = loadDriver();

/**
 * To see whether it runs in a worker of Cloudflare the driver looks at `navigator`, and where there is none, as in Node 20, makes a `Response`: Node then loads all of
 * `fetch`, which takes as long as all the rest of the driver. So while the driver is loaded there is one, with what it says from Node 21 on.
 */
function loadDriver(): typeof import('pg') {
  if ('navigator' in globalThis) return require('pg');
  const userAgent = `Node.js/${process.versions.node.split('.')[0]}`;
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent }, configurable: true });
  try {
    return require('pg');
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}
