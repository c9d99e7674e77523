import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unzip } from '../src/servers/unzip.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyshift-unzip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface File {
  readonly name: string;
  readonly text: string;
  /** As `stat` gives it. */
  readonly mode: number;
}

/** Writes a zip archive as Unix programs do: the mode is in the upper half of the external attributes. */
function writeZip(files: readonly File[]): string {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, mode } of files) {
    const data = deflateRawSync(text);
    // What both headers have: version, flags, method, time, date, checksum, sizes, lengths of name and extra field.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(text), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(Buffer.byteLength(text), 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeByUnix = Buffer.from([20, 3]);
    directory.push(Buffer.from('PK\x01\x02'), madeByUnix, shared, tail, Buffer.from(name));
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), data]);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  const path = join(folder, 'archive.zip');
  writeFileSync(path, Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end]));
  return path;
}

test('unpacks the files that have a place, with executable bits and symlinks', async () => {
  const archive = writeZip([
    { name: 'top/bin/server', text: '#!/bin/sh\n', mode: 0o100755 },
    { name: 'top/lib/lib.so.1', text: 'x'.repeat(100_000), mode: 0o100644 },
    { name: 'top/lib/lib.so', text: 'lib.so.1', mode: 0o120777 },
    { name: 'top/docs/manual', text: 'long', mode: 0o100644 },
  ]);
  const target = join(folder, 'unpacked');
  const place = (name: string): string | undefined => (name.startsWith('top/docs/') ? undefined : name.slice('top/'.length));
  expect(await unzip(archive, target, place)).toBe(3);
  expect(readdirSync(target).sort()).toEqual(['bin', 'lib']);
  expect(statSync(join(target, 'bin/server')).mode & 0o777).toBe(0o755);
  expect(statSync(join(target, 'lib/lib.so.1')).mode & 0o777).toBe(0o644);
  expect(readlinkSync(join(target, 'lib/lib.so'))).toBe('lib.so.1');
  expect(readFileSync(join(target, 'lib/lib.so'), 'utf8')).toHaveLength(100_000);
});

test('refuses a name that leads out of the folder', async () => {
  const archive = writeZip([{ name: '../outside', text: 'x', mode: 0o100644 }]);
  await expect(unzip(archive, join(folder, 'unpacked'), (name) => name)).rejects.toThrow(/relative path/);
  expect(readdirSync(folder)).toEqual(['archive.zip']);
});
