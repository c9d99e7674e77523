import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { servers } from '../src/servers/start-server.ts';

interface Compose {
  services: Record<
    string,
    { image: string; ports: string[]; volumes: string[]; healthcheck: { test: string[]; interval: string } }
  >;
  volumes: Record<string, null>;
}

const file = new URL('../../../docker-compose.yml', import.meta.url);
const compose = parse(readFileSync(file, 'utf8'), { merge: true }) as Compose;

test('docker-compose.yml has every store, open to this machine only and with a health check', () => {
  const names = ['postgresql', 'mongodb', 'mysql', 'mariadb', 'dynamodb', 'cassandra', 'redis', 'elasticsearch'];
  expect(Object.keys(compose.services)).toEqual(names);
  expect(Object.keys(compose.volumes)).toEqual(names);
  for (const [name, { ports, volumes, healthcheck }] of Object.entries(compose.services)) {
    for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(volumes[0], name).toMatch(new RegExp(`^${name}:/`));
    expect(healthcheck, name).toMatchObject({ test: expect.arrayContaining(['CMD']), interval: '5s' });
  }
  const hostPorts = Object.values(compose.services).flatMap(({ ports }) => ports.map((port) => port.split(':')[1]));
  expect(new Set(hostPorts).size).toBe(hostPorts.length);
});

test('docker-compose.yml runs the images that the tests run', () => {
  for (const [store, { image }] of Object.entries(servers)) expect(compose.services[store]?.image).toBe(image);
});
