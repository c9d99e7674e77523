package dev.polyshift.standin.session;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.Connection;

/** All sessions by their lsid. A transaction ends with its session, with the connection it last used, and after 60 s. */
public final class Sessions implements AutoCloseable {

    private static final long SESSION_MILLIS = TimeUnit.MINUTES.toMillis(30);

    private final Map<Object, Session> sessions = new ConcurrentHashMap<>();
    private final Store store;
    private volatile int transactionSeconds = 60;
    private final ScheduledExecutorService reaper = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread thread = new Thread(runnable, "session-reaper");
        thread.setDaemon(true);
        return thread;
    });

    public Sessions(Store store) {
        this.store = store;
        reaper.scheduleWithFixedDelay(this::reap, 1, 1, TimeUnit.SECONDS);
    }

    /** The session of a command, or null where it carries none. */
    public Session of(Document command) {
        if (!(command.get("lsid") instanceof Document lsid)) {
            return null;
        }
        Session session = sessions.computeIfAbsent(lsid.get("id"), id -> new Session(store));
        session.touch();
        return session;
    }

    /** How long a transaction may take, as the server parameter transactionLifetimeLimitSeconds sets it. */
    public int transactionSeconds() {
        return transactionSeconds;
    }

    public void transactionSeconds(int seconds) {
        transactionSeconds = seconds;
    }

    public Transaction transaction(Document command, Connection connection) {
        Session session = of(command);
        if (session == null || !Boolean.FALSE.equals(command.get("autocommit"))) {
            return null;
        }
        return session.transaction(command, connection);
    }

    /** A write with a txnNumber outside transactions is retryable. */
    public static boolean isRetryable(Document command) {
        return command.containsKey("txnNumber") && !command.containsKey("autocommit") && command.containsKey("lsid");
    }

    public Document once(Document command, java.util.function.Supplier<Document> write) {
        return of(command).once(command, write);
    }

    public void commit(Document command) {
        Transaction transaction = of(command).ending(command);
        if (transaction.state() != Transaction.State.COMMITTED) {
            transaction.commit();
        }
    }

    public void abort(Document command) {
        Transaction transaction = of(command).ending(command);
        if (transaction.state() == Transaction.State.COMMITTED) {
            throw new dev.polyshift.standin.Failure(256, "TransactionCommitted",
                "Transaction " + transaction.number() + " has been committed.");
        }
        transaction.requireActive();
        transaction.abort();
    }

    public void end(List<?> lsids) {
        for (Object lsid : lsids) {
            Session session = sessions.remove(((Document) lsid).get("id"));
            if (session != null) {
                session.end();
            }
        }
    }

    public void endAll() {
        sessions.values().forEach(Session::end);
        sessions.clear();
    }

    public void disconnected(Connection connection) {
        sessions.values().forEach(session -> {
            Transaction transaction = session.transaction();
            if (transaction != null && transaction.lastConnection() == connection) {
                session.end();
            }
        });
    }

    private void reap() {
        long now = System.currentTimeMillis();
        sessions.values().forEach(session -> {
            Transaction transaction = session.transaction();
            if (transaction != null && transaction.ageMillis() > 1000L * transactionSeconds) {
                transaction.abort();
            }
        });
        sessions.values().removeIf(session -> {
            boolean old = now - session.usedMillis() > SESSION_MILLIS;
            if (old) {
                session.end();
            }
            return old;
        });
    }

    @Override
    public void close() {
        reaper.shutdownNow();
    }
}
