import { type ConnectOptions, defineAdapter } from '@polyshift/core';
import { capabilities } from './capabilities.ts';
import { connectStore } from './connect.ts';
import { classify } from './errors.ts';
import { openSession } from './session.ts';

/** The Redis adapter: one server, or a cluster, of version 7.0 or newer. */
export const adapter = defineAdapter({
  store: 'redis',
  url_schemes: ['redis', 'rediss'],
  capabilities,
  ca_option: 'driver.tls.ca',
  connect: async (url: string, options: ConnectOptions = {}) => openSession(await connectStore(url, options)),
  classify,
});
