import { PolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { classify, mysql } from '../src/index.ts';
import { server, servers, TestDatabase } from './harness.ts';

const ofServer = (errno: number) => Object.assign(new Error('server'), { errno, code: 'ER_SOMETHING', sqlState: 'HY000' });
const ofFile = (message: string) =>
  Object.assign(new Error(message), { errno: 1026, code: 'ER_ERROR_ON_WRITE', sqlState: 'HY000' });
const ofNode = (code: string) => Object.assign(new Error('node'), { code, errno: -111 });

describe('classify', () => {
  it.each<[number, string, boolean]>([
    [1205, 'STORE_BUSY', true],
    [1213, 'STORE_BUSY', true],
    [1040, 'STORE_BUSY', true],
    [3024, 'STORE_BUSY', true],
    [1969, 'STORE_BUSY', true],
    [2013, 'CONNECTION_LOST', true],
    [1053, 'CONNECTION_LOST', true],
    [1927, 'CONNECTION_LOST', true],
    [1049, 'CONNECTION_FAILED', false],
    [1045, 'AUTHENTICATION_FAILED', false],
    [1698, 'AUTHENTICATION_FAILED', false],
    [1142, 'PERMISSION_DENIED', false],
    [1044, 'PERMISSION_DENIED', false],
    [1114, 'STORE_FULL', true],
    [1290, 'STORE_FULL', true],
    [1062, 'DUPLICATE_KEY', false],
    [1048, 'CONSTRAINT_VIOLATED', false],
    [1452, 'CONSTRAINT_VIOLATED', false],
    [3819, 'CONSTRAINT_VIOLATED', false],
    [4025, 'CONSTRAINT_VIOLATED', false],
    [1366, 'CONVERSION_FAILED', false],
    [1406, 'CONVERSION_FAILED', false],
    [1264, 'CONVERSION_FAILED', false],
    [3140, 'CONVERSION_FAILED', false],
    [1146, 'UNKNOWN_COLLECTION', false],
    [1054, 'UNKNOWN_FIELD', false],
    [1050, 'ALREADY_EXISTS', false],
    [1060, 'ALREADY_EXISTS', false],
    [1064, 'INVALID_SYNTAX', false],
    [1845, 'UNSUPPORTED_OPERATION', false],
    [1105, 'STATEMENT_FAILED', false],
  ])('the server error %i', (errno, code, retryable) => {
    expect(classify(ofServer(errno))).toEqual({ code, retryable });
  });

  it.each<[unknown, string, boolean]>([
    [ofNode('ECONNREFUSED'), 'CONNECTION_FAILED', true],
    [ofNode('ENOTFOUND'), 'CONNECTION_FAILED', false],
    [ofNode('ECONNRESET'), 'CONNECTION_LOST', true],
    [ofNode('PROTOCOL_CONNECTION_LOST'), 'CONNECTION_LOST', true],
    [ofNode('HANDSHAKE_NO_SSL_SUPPORT'), 'CONNECTION_FAILED', false],
    [new AggregateError([ofNode('ECONNREFUSED')]), 'CONNECTION_FAILED', true],
    [new Error('Pool is closed.'), 'CONNECTION_LOST', true],
    [new PolyshiftError('LOCKED', 'x'), 'LOCKED', false],
    ['text', 'STATEMENT_FAILED', false],
    [ofFile("Error writing file '/tmp/MLfd=61' (OS errno 28 - No space left on device)"), 'STORE_FULL', true],
    [ofFile('Got error 28 from storage engine'), 'STORE_FULL', true],
    [ofFile("Error writing file './x' (OS errno 5 - Input/output error)"), 'STATEMENT_FAILED', false],
  ])('%o', (error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
  });
});

describe.each(servers)('connecting to %s', (name) => {
  it.each<[string, Partial<URL>, string]>([
    ['a database that does not exist', { pathname: '/no_such_database' }, 'CONNECTION_FAILED'],
    ['no database', { pathname: '' }, 'CONNECTION_FAILED'],
    ['a user who does not exist', { username: 'nobody_here' }, 'AUTHENTICATION_FAILED'],
    ['a parameter that is not known', { search: '?nothing=1' }, 'CONNECTION_FAILED'],
    ['TLS that must be verified, where there is no certificate to trust', { search: '?ssl-mode=verify_ca' }, 'CONNECTION_FAILED'],
  ])('with %s', async (_title, change, code) => {
    const target = Object.assign(new URL((await server(name)).url), { password: 's3cret' }, change);
    if (change.username === undefined) target.password = '';
    const error = await mysql.connect(target.href).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it('takes the scheme mariadb, and says what it found', async () => {
    const target = new URL((await server(name)).url);
    await using session = await mysql.connect(target.href.replace(/^mysql:/, 'mariadb:'));
    expect(session.server.product).toBe(name === 'mysql' ? 'MySQL' : 'MariaDB');
    expect(session.server.features['native_json']).toBe(name === 'mysql');
  });

  it('names the table and column that the words of the server are about', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY)');
    await expect(database.session.count('user')).rejects.toMatchObject({
      code: 'UNKNOWN_COLLECTION',
      hint: 'Did you mean users?',
    });
    await expect(database.session.query!('SELECT * FROM nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION' });
    await expect(database.session.query!('DELETE FROM users')).rejects.toMatchObject({ name: 'PolyshiftError' });
  });
});
