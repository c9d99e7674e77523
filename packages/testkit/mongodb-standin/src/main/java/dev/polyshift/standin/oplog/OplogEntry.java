package dev.polyshift.standin.oplog;

import java.time.Instant;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.store.Collection;

/** One change, as change streams report it. Documents are shared with the collection, so an entry costs little. */
public final class OplogEntry {

    public enum Type {
        INSERT("insert"), UPDATE("update"), REPLACE("replace"), DELETE("delete"), DROP("drop"), RENAME("rename"),
        DROP_DATABASE("dropDatabase");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    private final Type type;
    private final String database;
    private final String collection;
    private final Object id;
    private final Document before;
    private final Document after;
    private BsonTimestamp timestamp;

    private OplogEntry(Type type, String database, String collection, Object id, Document before, Document after) {
        this.type = type;
        this.database = database;
        this.collection = collection;
        this.id = id;
        this.before = before;
        this.after = after;
    }

    public static OplogEntry insert(Collection in, Object id, Document document) {
        return new OplogEntry(Type.INSERT, in.database(), in.name(), id, null, document);
    }

    public static OplogEntry update(Collection in, Object id, Document before, Document after, boolean replacement) {
        return new OplogEntry(replacement ? Type.REPLACE : Type.UPDATE, in.database(), in.name(), id, before, after);
    }

    public static OplogEntry delete(Collection in, Object id, Document before) {
        return new OplogEntry(Type.DELETE, in.database(), in.name(), id, before, null);
    }

    public static OplogEntry drop(String database, String collection) {
        return new OplogEntry(Type.DROP, database, collection, null, null, null);
    }

    public static OplogEntry rename(String database, String collection, String toDatabase, String toCollection) {
        return new OplogEntry(Type.RENAME, database, collection, null, null,
            new Document("db", toDatabase).append("coll", toCollection));
    }

    public static OplogEntry dropDatabase(String database) {
        return new OplogEntry(Type.DROP_DATABASE, database, null, null, null, null);
    }

    void stamp(BsonTimestamp at) {
        timestamp = at;
    }

    public BsonTimestamp timestamp() {
        return timestamp;
    }

    public Type type() {
        return type;
    }

    public String database() {
        return database;
    }

    public String collection() {
        return collection;
    }

    public Object id() {
        return id;
    }

    public Document before() {
        return before;
    }

    public Document after() {
        return after;
    }

    Instant wallTime() {
        return Instant.ofEpochSecond(Integer.toUnsignedLong(timestamp.getTime()));
    }
}
