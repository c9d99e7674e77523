package dev.polyshift.standin.session;

import java.util.LinkedHashMap;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.Connection;

/**
 * A logical session: at most one transaction, and the reply of the latest retryable write.
 * Manual: https://www.mongodb.com/docs/manual/core/retryable-writes/
 */
public final class Session {

    private final Store store;
    private volatile Transaction transaction;
    private long latestNumber = -1;
    private final Map<String, Document> replies = new LinkedHashMap<>();
    private volatile long usedMillis = System.currentTimeMillis();

    Session(Store store) {
        this.store = store;
    }

    void touch() {
        usedMillis = System.currentTimeMillis();
    }

    long usedMillis() {
        return usedMillis;
    }

    Transaction transaction() {
        return transaction;
    }

    /** The transaction a command with autocommit: false belongs to. */
    synchronized Transaction transaction(Document command, Connection connection) {
        long number = ((Number) command.get("txnNumber")).longValue();
        if (Boolean.TRUE.equals(command.get("startTransaction"))) {
            if (number < latestNumber) {
                throw tooOld(number);
            }
            if (transaction != null) {
                transaction.abort();
            }
            latestNumber = number;
            replies.clear();
            transaction = new Transaction(store, number);
        } else if (transaction == null || transaction.number() != number) {
            throw Transaction.noSuchTransaction(number, "does not match any in-progress transactions");
        } else {
            transaction.requireActive();
        }
        transaction.usedBy(connection);
        return transaction;
    }

    synchronized Transaction ending(Document command) {
        Object number = command.get("txnNumber");
        if (transaction == null || !(number instanceof Number given) || transaction.number() != given.longValue()) {
            throw Transaction.noSuchTransaction(number instanceof Number given ? given.longValue() : -1,
                "does not match any in-progress transactions");
        }
        return transaction;
    }

    /** Runs a retryable write, or gives its first reply again if the driver sends it a second time. */
    synchronized Document once(Document command, java.util.function.Supplier<Document> write) {
        long number = ((Number) command.get("txnNumber")).longValue();
        if (number < latestNumber) {
            throw tooOld(number);
        }
        if (number > latestNumber) {
            if (transaction != null) {
                transaction.abort();
                transaction = null;
            }
            replies.clear();
            latestNumber = number;
        }
        String key = command.keySet().iterator().next() + " " + command.get("stmtIds");
        Document earlier = replies.get(key);
        if (earlier != null) {
            Document again = new Document(earlier);
            again.put("retriedStmtIds", java.util.List.of(0));
            return again;
        }
        Document reply = write.get();
        replies.put(key, reply);
        return reply;
    }

    private Failure tooOld(long number) {
        return new Failure(225, "TransactionTooOld", "Cannot start transaction with { txnNumber: " + number
            + " } because a newer transaction with txnNumber " + latestNumber + " has already started on this session.");
    }

    /** Aborts what transaction there is. */
    public synchronized void end() {
        if (transaction != null) {
            transaction.abort();
        }
    }
}
