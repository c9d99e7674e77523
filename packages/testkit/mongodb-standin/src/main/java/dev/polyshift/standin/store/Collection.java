package dev.polyshift.standin.store;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.session.Transaction;

/**
 * The documents of one collection in order of insertion, the ordered index on _id, and the other indexes. What changes
 * them holds the write lock, what reads them the read lock; documents themselves are immutable and need none.
 */
public final class Collection implements Namespace {

    private final String database;
    private final UUID uuid = UUID.randomUUID();
    private volatile String name;
    private volatile Document options;
    private volatile Validator validator;
    private volatile boolean dropped;

    final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    final Condition released = lock.writeLock().newCondition();
    final TreeMap<Object, Record> ids = new TreeMap<>(BsonOrder.ASCENDING);
    final Map<String, SecondaryIndex> indexes = new LinkedHashMap<>();
    /** Which transaction has an uncommitted write on which _id. */
    final TreeMap<Object, Transaction> pending = new TreeMap<>(BsonOrder.ASCENDING);
    private Record[] slots = new Record[16];
    private int used;
    private long numbers;
    private long dataSize;

    Collection(String database, String name, Document options) {
        this.database = database;
        this.name = name;
        options(options);
    }

    public String database() {
        return database;
    }

    @Override
    public String name() {
        return name;
    }

    void name(String changed) {
        name = changed;
    }

    @Override
    public String namespace() {
        return database + "." + name;
    }

    public UUID uuid() {
        return uuid;
    }

    @Override
    public Document options() {
        return options;
    }

    /** Sets the options of create and collMod; a validator among them is compiled, or refused, at once. */
    public void options(Document changed) {
        Validator compiled = Validator.of(changed);
        options = changed;
        validator = compiled;
    }

    public Validator validator() {
        return validator;
    }

    public int count() {
        return ids.size();
    }

    public long dataSize() {
        return dataSize;
    }

    public ReentrantReadWriteLock lock() {
        return lock;
    }

    /** The indexes beside the one on _id, in the order of their creation. */
    public Map<String, SecondaryIndex> indexes() {
        lock.readLock().lock();
        try {
            return new LinkedHashMap<>(indexes);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Builds an index over all documents; refused, with nothing changed, where a unique one meets duplicates. */
    public void createIndex(Document spec) {
        lock.writeLock().lock();
        try {
            SecondaryIndex index = new SecondaryIndex(spec);
            for (Record record : snapshot()) {
                try {
                    index.requireUnique(record.document(), namespace(), other -> false);
                } catch (dev.polyshift.standin.Failure e) {
                    throw e.during("Index build failed: " + uuid + ": Collection " + namespace() + " ( " + uuid + " ) :: caused by :: ");
                }
                index.add(record, record.document());
            }
            indexes.put(index.name(), index);
        } finally {
            lock.writeLock().unlock();
        }
    }

    public void dropIndex(String index) {
        lock.writeLock().lock();
        try {
            indexes.remove(index);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Sets options that do not change what an index holds. */
    public void changeIndex(String index, Document spec) {
        lock.writeLock().lock();
        try {
            indexes.get(index).spec(spec);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Reserves a document for a transaction; called under the write lock. */
    public void pendingWrite(Object id, Transaction transaction) {
        pending.put(id, transaction);
    }

    /** Gives a reservation back; called under the write lock. */
    public void releaseWrite(Object id, Transaction transaction) {
        if (pending.get(id) == transaction) {
            pending.remove(id);
        }
        released.signalAll();
    }

    boolean isDropped() {
        return dropped;
    }

    /** Empties a collection that left the catalog, so that who still holds it finds nothing to change. */
    void dropped(boolean gone) {
        lock.writeLock().lock();
        try {
            dropped = gone;
            if (gone) {
                ids.clear();
                indexes.clear();
                slots = new Record[16];
                used = 0;
                dataSize = 0;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The live records in order of insertion, copied: the scan then needs no lock. */
    Record[] snapshot() {
        if (used == ids.size()) {
            return Arrays.copyOf(slots, used);
        }
        Record[] live = new Record[ids.size()];
        int count = 0;
        for (int i = 0; i < used; i++) {
            if (slots[i] != null) {
                live[count++] = slots[i];
            }
        }
        return live;
    }

    /** The record in a slot, or null; for scans under the lock. */
    Record slot(int index) {
        return slots[index];
    }

    int slots() {
        return used;
    }

    void add(Object id, Document document, long version) {
        Record record = new Record(id, numbers++, document);
        record.version = version;
        if (used == slots.length) {
            slots = Arrays.copyOf(slots, used + (used >> 1));
        }
        record.slot = used;
        slots[used++] = record;
        ids.put(id, record);
        for (SecondaryIndex index : indexes.values()) {
            index.add(record, document);
        }
        dataSize += Docs.size(document);
    }

    void exchange(Record record, Document document, long version) {
        Document before = record.document();
        for (SecondaryIndex index : indexes.values()) {
            if (!index.sameKeys(before, document)) {
                index.remove(record, before);
                index.add(record, document);
            }
        }
        record.set(document, version);
        dataSize += Docs.size(document) - Docs.size(before);
    }

    void remove(Record record, long version) {
        Document before = record.document();
        for (SecondaryIndex index : indexes.values()) {
            index.remove(record, before);
        }
        ids.remove(record.id());
        slots[record.slot] = null;
        record.set(null, version);
        dataSize -= Docs.size(before);
        if (used > 64 && ids.size() < used / 2) {
            compact();
        }
    }

    private void compact() {
        int count = 0;
        Record[] live = new Record[Math.max(16, ids.size() * 3 / 2)];
        for (int i = 0; i < used; i++) {
            if (slots[i] != null) {
                slots[i].slot = count;
                live[count++] = slots[i];
            }
        }
        slots = live;
        used = count;
    }
}
