export { addressOf, type TcpAddress, withAddress } from './tcp-address.ts';
export { type Cut, type CutMoment, TcpProxy } from './tcp-proxy.ts';
