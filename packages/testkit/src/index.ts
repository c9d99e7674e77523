export { ServerUnavailableError } from './servers/errors.ts';
export type { FreshDatabase } from './servers/fresh-database.ts';
export { freshDatabase } from './servers/fresh-database.ts';
export type { RefusedWay, ServerKind, ServerOptions, ServerProcess, ServerStore, TestServer } from './servers/server.ts';
export { startServer } from './servers/start-server.ts';
