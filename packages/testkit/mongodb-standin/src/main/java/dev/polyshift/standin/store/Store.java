package dev.polyshift.standin.store;

import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.polyshift.standin.oplog.Oplog;

/** Everything the server holds: the databases, the oplog, and the count of writes that orders them. */
public final class Store {

    private final ConcurrentSkipListMap<String, Database> databases = new ConcurrentSkipListMap<>();
    private final AtomicLong version = new AtomicLong();
    private final Oplog oplog;

    public Store(Oplog oplog) {
        this.oplog = oplog;
    }

    public Oplog oplog() {
        return oplog;
    }

    public Database database(String name) {
        if (name.isEmpty() || name.length() > 63 || name.chars().anyMatch(c -> "/\\. \"$\0".indexOf(c) >= 0)) {
            throw new dev.polyshift.standin.Failure(73, "InvalidNamespace", "Invalid database name: '" + name + "'");
        }
        return databases.computeIfAbsent(name, Database::new);
    }

    public java.util.Collection<Database> databases() {
        return databases.values();
    }

    /** The count of the latest write. */
    public long version() {
        return version.get();
    }

    long nextVersion() {
        return version.incrementAndGet();
    }
}
