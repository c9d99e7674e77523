package dev.polyshift.standin.store;

import java.util.NavigableMap;
import java.util.concurrent.TimeUnit;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.ObjectIds;
import dev.polyshift.standin.oplog.OplogEntry;
import dev.polyshift.standin.session.Transaction;

/**
 * Writes single documents, at once or into a transaction. A write outside transactions waits for a transaction that has
 * an uncommitted write on the same document; a second transaction fails with a write conflict instead, as in MongoDB:
 * https://www.mongodb.com/docs/manual/core/transactions-production-consideration/
 */
public final class Writer {

    public static final int MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
    private static final long LONGEST_WAIT_SECONDS = 70;

    private final Store store;
    private Collection collection;
    private final Transaction transaction;
    private final boolean bypassValidation;

    public Writer(Store store, Collection collection, Transaction transaction, boolean bypassValidation) {
        this.store = store;
        this.collection = collection;
        this.transaction = transaction;
        this.bypassValidation = bypassValidation;
    }

    public void insert(Document given) {
        Document document = withId(given);
        Object id = document.get("_id");
        if (id instanceof java.util.List || id instanceof BsonRegularExpression || BsonTypes.code(id) == 6) {
            throw new Failure(53, "InvalidIdField", "The '_id' value cannot be of type " + BsonTypes.alias(id));
        }
        requireSize(document, "object to insert too large. size in bytes: ");
        if (!bypassValidation && collection.validator() != null) {
            collection.validator().check(document, null, collection.namespace());
        }
        lockForInsert();
        try {
            requireFree(id);
            NavigableMap<Object, Change> own = own();
            boolean exists = own != null && own.containsKey(id) ? own.get(id).document() != null : collection.ids.containsKey(id);
            if (exists) {
                throw SecondaryIndex.duplicate(collection.namespace(), "_id_", new Document("_id", 1), new Document("_id", id));
            }
            requireUnique(id, document, own);
            if (transaction != null) {
                transaction.put(collection, id, new Change(document, false));
            } else {
                collection.add(id, document, store.nextVersion());
                store.oplog().append(OplogEntry.insert(collection, id, document));
            }
        } finally {
            collection.lock.writeLock().unlock();
        }
    }

    /** Takes the write lock; a collection dropped meanwhile comes into being again, as any insert makes its collection. */
    private void lockForInsert() {
        collection.lock.writeLock().lock();
        while (transaction == null && collection.isDropped()) {
            collection.lock.writeLock().unlock();
            collection = store.database(collection.database()).createIfAbsent(collection.name());
            collection.lock.writeLock().lock();
        }
    }

    private static Document withId(Document document) {
        if (!document.isEmpty() && document.keySet().iterator().next().equals("_id")) {
            return document;
        }
        Document ordered = new Document("_id", document.containsKey("_id") ? document.get("_id") : ObjectIds.next());
        document.forEach((name, value) -> {
            if (!name.equals("_id")) {
                ordered.put(name, value);
            }
        });
        return ordered;
    }

    /** False if the document is no longer the expected one: read again, and decide again. */
    public boolean replace(Document expected, Document changed, boolean replacement) {
        Object id = expected.get("_id");
        if (!BsonOrder.equal(id, changed.getOrMissing("_id"))) {
            throw new Failure(66, "ImmutableField", "After applying the update, the (immutable) field '_id' was found to have been "
                + "altered to _id: " + de.bwaldvogel.mongo.bson.Json.toCompactJsonValue(changed.get("_id")));
        }
        requireSize(changed, "Resulting document after update is larger than " + MAX_DOCUMENT_BYTES + ", size in bytes: ");
        if (!bypassValidation && collection.validator() != null) {
            collection.validator().check(changed, expected, collection.namespace());
        }
        collection.lock.writeLock().lock();
        try {
            requireFree(id);
            NavigableMap<Object, Change> own = own();
            Record record = collection.ids.get(id);
            if (visible(id, record, own) != expected) {
                return false;
            }
            requireUnique(id, changed, own);
            if (transaction != null) {
                transaction.put(collection, id, new Change(changed, replacement));
            } else {
                collection.exchange(record, changed, store.nextVersion());
                store.oplog().append(OplogEntry.update(collection, id, expected, changed, replacement));
            }
            return true;
        } finally {
            collection.lock.writeLock().unlock();
        }
    }

    /** False if the document is no longer the expected one. */
    public boolean delete(Document expected) {
        Object id = expected.get("_id");
        collection.lock.writeLock().lock();
        try {
            requireFree(id);
            NavigableMap<Object, Change> own = own();
            Record record = collection.ids.get(id);
            if (visible(id, record, own) != expected) {
                return false;
            }
            if (transaction != null) {
                transaction.put(collection, id, new Change(null, false));
            } else {
                collection.remove(record, store.nextVersion());
                store.oplog().append(OplogEntry.delete(collection, id, expected));
            }
            return true;
        } finally {
            collection.lock.writeLock().unlock();
        }
    }

    private NavigableMap<Object, Change> own() {
        return transaction == null ? null : transaction.changes(collection);
    }

    private static Document visible(Object id, Record record, NavigableMap<Object, Change> own) {
        if (own != null && own.containsKey(id)) {
            return own.get(id).document();
        }
        return record == null ? null : record.document();
    }

    private static void requireSize(Document document, String message) {
        int size = Docs.size(document);
        if (size > MAX_DOCUMENT_BYTES) {
            throw new Failure(10334, "BSONObjectTooLarge", message + size + ", max size: " + MAX_DOCUMENT_BYTES);
        }
    }

    private void requireUnique(Object id, Document document, NavigableMap<Object, Change> own) {
        for (SecondaryIndex index : collection.indexes.values()) {
            index.requireUnique(document, collection.namespace(), record -> BsonOrder.equal(record.id(), id)
                || own != null && own.containsKey(record.id()));
            if (own != null && index.isUnique()) {
                own.forEach((otherId, change) -> {
                    if (change.document() != null && !BsonOrder.equal(otherId, id) && index.collide(change.document(), document)) {
                        throw index.duplicate(document, collection.namespace());
                    }
                });
            }
        }
    }

    /** Waits for, or conflicts with, another transaction's uncommitted write on the document. */
    private void requireFree(Object id) {
        Transaction owner = collection.pending.get(id);
        if (transaction != null) {
            transaction.requireActive();
            Record record = collection.ids.get(id);
            boolean changedSince = record != null && record.version > transaction.startedAt();
            if (owner != null && owner != transaction || owner == null && changedSince) {
                throw Failure.writeConflict();
            }
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
        while (collection.pending.containsKey(id)) {
            try {
                if (System.nanoTime() > deadline) {
                    throw new Failure(50, "MaxTimeMSExpired", "operation exceeded time limit waiting for a transaction");
                }
                collection.released.awaitNanos(TimeUnit.MILLISECONDS.toNanos(200));
            } catch (InterruptedException e) {
                throw new Failure(11601, "Interrupted", "operation was interrupted");
            }
        }
    }
}
