import { fileURLToPath } from 'node:url';
import { runMeasured } from './run-measured.mjs';

const folder = new URL('../programs/', import.meta.url);

/** A program of ours as a command. */
export function program(name, ...args) {
  return { file: process.execPath, args: [fileURLToPath(new URL(name, folder)), ...args] };
}

/** Runs one that measures itself and prints what it measured as JSON. */
program.measured = async (name, ...args) => {
  const { stdout } = await runMeasured(program(name, ...args));
  return JSON.parse(stdout);
};
