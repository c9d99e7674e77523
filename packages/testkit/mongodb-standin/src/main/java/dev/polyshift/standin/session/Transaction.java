package dev.polyshift.standin.session;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.store.Change;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Commit;
import dev.polyshift.standin.store.Database;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.wire.Connection;

/**
 * A multi-document transaction: its writes are kept beside the collections until it commits, so that nobody else sees
 * them and an abort has nothing to undo. Manual: https://www.mongodb.com/docs/manual/core/transactions/
 */
public final class Transaction {

    public enum State { ACTIVE, COMMITTED, ABORTED }

    private final Store store;
    private final long number;
    private final long startedAt;
    private final long startedMillis = System.currentTimeMillis();
    private final Map<Collection, NavigableMap<Object, Change>> changes = Collections.synchronizedMap(new IdentityHashMap<>());
    private final Map<String, Collection> created = new java.util.HashMap<>();
    private final java.util.List<Runnable> undone = new java.util.ArrayList<>();
    private volatile State state = State.ACTIVE;
    private volatile Connection lastConnection;

    Transaction(Store store, long number) {
        this.store = store;
        this.number = number;
        this.startedAt = store.version();
    }

    public long number() {
        return number;
    }

    /** The count of writes when it began; a document written later is a conflict. */
    public long startedAt() {
        return startedAt;
    }

    public State state() {
        return state;
    }

    long ageMillis() {
        return System.currentTimeMillis() - startedMillis;
    }

    Connection lastConnection() {
        return lastConnection;
    }

    void usedBy(Connection connection) {
        lastConnection = connection;
    }

    public void requireActive() {
        if (state != State.ACTIVE) {
            throw noSuchTransaction(number, "has been " + state.name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    static Failure noSuchTransaction(long number, String why) {
        return new Failure(251, "NoSuchTransaction", "Transaction with { txnNumber: " + number + " } " + why + ".")
            .label("TransientTransactionError");
    }

    public NavigableMap<Object, Change> changes(Collection collection) {
        NavigableMap<Object, Change> found = changes.get(collection);
        return found == null ? Collections.emptyNavigableMap() : found;
    }

    public Set<Collection> collections() {
        return changes.keySet();
    }

    /** Called under the collection's write lock. */
    public void put(Collection collection, Object id, Change change) {
        requireActive();
        changes.computeIfAbsent(collection, absent -> new TreeMap<>(BsonOrder.ASCENDING)).put(id, change);
        collection.pendingWrite(id, this);
        if (state != State.ACTIVE) {
            collection.releaseWrite(id, this);
            requireActive();
        }
    }

    /** The collection to write to; one that is not there yet comes into being when the transaction commits. */
    public Collection collection(Database database, String name) {
        Collection found = database.collection(name);
        return found != null ? found : created.computeIfAbsent(database.name() + "." + name, absent -> database.unregistered(name));
    }

    /** As {@link #collection}, or null where neither it nor anybody else has made the collection. */
    public Collection visible(Database database, String name) {
        Collection found = database.collection(name);
        return found != null ? found : created.get(database.name() + "." + name);
    }

    /** What an abort undoes beside the writes. */
    public synchronized void onAbort(Runnable undo) {
        undone.add(undo);
    }

    synchronized void commit() {
        requireActive();
        try {
            new Commit(store, this).apply();
            state = State.COMMITTED;
        } finally {
            if (state != State.COMMITTED) {
                state = State.ABORTED;
            }
            changes.clear();
        }
    }

    synchronized void abort() {
        if (state == State.ACTIVE) {
            state = State.ABORTED;
            new Commit(store, this).rollBack();
            changes.clear();
            undone.forEach(Runnable::run);
        }
    }
}
