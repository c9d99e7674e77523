import { type ClientSession, MongoError, MongoNetworkError } from 'mongodb';

/**
 * Makes a session's commit end by errors of the driver alone. The driver asks each error of a commit for its labels; where the socket has ended by one of Node's own, as a write
 * to a connection that is just cut, it so ends with a TypeError of its own making, which says neither that the connection is lost nor that the commit may have happened.
 */
export function labelledCommit(session: ClientSession): ClientSession {
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async (options) => {
    try {
      await commit(options);
    } catch (error) {
      if (error instanceof MongoError) throw error;
      throw new MongoNetworkError('the connection was lost while a transaction was committed', { cause: error as Error });
    }
  };
  return session;
}
