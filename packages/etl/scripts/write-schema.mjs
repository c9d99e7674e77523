// Writes schemas/spec.schema.json from the built package; run after `tsc -b`.
import { writeFile } from 'node:fs/promises';
import { specJsonSchema } from '../dist/index.js';

const path = new URL('../schemas/spec.schema.json', import.meta.url);
await writeFile(path, `${JSON.stringify(specJsonSchema(), null, 2)}\n`);
