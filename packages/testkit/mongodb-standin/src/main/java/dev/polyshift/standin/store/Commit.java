package dev.polyshift.standin.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.oplog.OplogEntry;
import dev.polyshift.standin.session.Transaction;

/** Brings all writes of a transaction into their collections in one step, or none of them. */
public final class Commit {

    private final Store store;
    private final Transaction transaction;
    private final List<Collection> collections;

    public Commit(Store store, Transaction transaction) {
        this.store = store;
        this.transaction = transaction;
        collections = new ArrayList<>(transaction.collections());
        collections.sort(Comparator.comparing(Collection::namespace));
    }

    /** Locks come in the order of names, so that two commits never wait for each other. */
    public void apply() {
        collections.forEach(collection -> collection.lock.writeLock().lock());
        try {
            for (Collection collection : collections) {
                requireUnique(collection, transaction.changes(collection));
            }
            for (Collection collection : collections) {
                NavigableMap<Object, Change> changes = transaction.changes(collection);
                if (!changes.isEmpty() && store.database(collection.database()).find(collection.name()) == null
                    && !store.database(collection.database()).register(collection)) {
                    throw Failure.writeConflict();
                }
                apply(collection, changes);
            }
        } finally {
            release();
            collections.forEach(collection -> collection.lock.writeLock().unlock());
        }
    }

    /** Forgets the writes and lets waiting writers go on. */
    public void rollBack() {
        for (Collection collection : collections) {
            collection.lock.writeLock().lock();
            try {
                release(collection);
            } finally {
                collection.lock.writeLock().unlock();
            }
        }
    }

    private void release() {
        collections.forEach(this::release);
    }

    private void release(Collection collection) {
        for (Object id : transaction.changes(collection).keySet()) {
            collection.releaseWrite(id, transaction);
        }
    }

    private static void requireUnique(Collection collection, NavigableMap<Object, Change> changes) {
        for (Map.Entry<Object, Change> entry : changes.entrySet()) {
            Document document = entry.getValue().document();
            if (document != null) {
                for (SecondaryIndex index : collection.indexes.values()) {
                    try {
                        index.requireUnique(document, collection.namespace(), record -> changes.containsKey(record.id()));
                    } catch (Failure taken) {
                        throw Failure.writeConflict();
                    }
                }
            }
        }
    }

    private void apply(Collection collection, NavigableMap<Object, Change> changes) {
        List<OplogEntry> entries = new ArrayList<>();
        changes.forEach((id, change) -> {
            Record record = collection.ids.get(id);
            Document document = change.document();
            Document before = record == null ? null : record.document();
            if (record == null && document != null) {
                collection.add(id, document, store.nextVersion());
                entries.add(OplogEntry.insert(collection, id, document));
            } else if (record != null && document == null) {
                collection.remove(record, store.nextVersion());
                entries.add(OplogEntry.delete(collection, id, before));
            } else if (record != null && before != document) {
                collection.exchange(record, document, store.nextVersion());
                entries.add(OplogEntry.update(collection, id, before, document, change.replacement()));
            }
        });
        entries.forEach(store.oplog()::append);
    }
}
