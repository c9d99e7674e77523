export { addressOf, type TcpAddress, withAddress } from './tcp-address.ts';
export { type Cut, type CutMoment, TcpProxy } from './tcp-proxy.ts';
export {
  type CommandLine,
  type Ended,
  endOf,
  type ReachedPlace,
  type Watch,
  type WatchedCommand,
  watchCommand,
} from './watch-command.ts';
