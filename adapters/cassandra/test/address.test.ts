import { describe, expect, it } from 'vitest';
import { parseAddress } from '../src/address.ts';

describe('a URL', () => {
  it('names hosts, keyspace, data centre, credentials and levels', () => {
    expect(
      parseAddress(
        'cassandra://us%40er:p%3Aa:ss@a:9042,b/Shop?local_datacenter=dc2&tls=true&consistency=local_quorum&serial_consistency=LOCAL_SERIAL',
      ),
    ).toEqual({
      contactPoints: ['a:9042', 'b'],
      keyspace: 'Shop',
      localDataCenter: 'dc2',
      credentials: { username: 'us@er', password: 'p:a:ss' },
      tls: true,
      consistency: 'local_quorum',
      serialConsistency: 'local_serial',
    });
  });

  it('has defaults that read what was written', () => {
    expect(parseAddress('cassandra://127.0.0.1/shop')).toEqual({
      contactPoints: ['127.0.0.1'],
      keyspace: 'shop',
      localDataCenter: 'datacenter1',
      tls: false,
      consistency: 'quorum',
      serialConsistency: 'serial',
    });
  });

  it.each([
    'cassandra://',
    'cassandra://host',
    'cassandra://host/?tls=true',
    'http://host/shop',
    'cassandra://user:geheim@host/shop?consistency=one',
    'cassandra://user:geheim@host/shop?datacenter=dc1',
  ])('is refused without its password: %s', (url) => {
    try {
      parseAddress(url);
      expect.fail('it was taken');
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
      expect(String(error)).not.toContain('geheim');
    }
  });
});
