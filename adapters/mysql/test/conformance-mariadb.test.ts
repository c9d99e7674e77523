import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import mysql from '../src/index.ts';
import { options } from './conformance-options.ts';

const server = await sharedServer('mariadb');

conformance(mysql, { fresh: () => freshDatabase(server) }, options);
