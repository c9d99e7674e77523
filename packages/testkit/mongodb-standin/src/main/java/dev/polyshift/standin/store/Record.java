package dev.polyshift.standin.store;

import de.bwaldvogel.mongo.bson.Document;

/** The place of one document: the document itself is never changed but exchanged for another. */
public final class Record {

    private final Object id;
    private final long number;
    private volatile Document document;
    volatile long version;
    int slot;

    Record(Object id, long number, Document document) {
        this.id = id;
        this.number = number;
        this.document = document;
    }

    public Object id() {
        return id;
    }

    /** Ascending in the order of insertion; tells equal index keys apart. */
    long number() {
        return number;
    }

    /** The committed document, or null once it is deleted. */
    public Document document() {
        return document;
    }

    void set(Document changed, long atVersion) {
        document = changed;
        version = atVersion;
    }
}
