package dev.polyshift.standin.oplog;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.store.Store;

/** The changes of a collection, a database or all. Manual: https://www.mongodb.com/docs/manual/changeStreams/ */
public final class ChangeStream {

    private static final int CHUNK = 1000;

    private final Store store;
    private final String database;
    private final String collection;
    private final boolean lookup;
    private final boolean allDatabases;
    private final UnaryOperator<Iterator<Document>> stages;
    private long position;
    private boolean invalidated;

    /** @param collection null to watch the whole database */
    public ChangeStream(Store store, String database, String collection, Document options, UnaryOperator<Iterator<Document>> stages) {
        this.store = store;
        this.database = database;
        this.collection = collection;
        this.stages = stages;
        allDatabases = Docs.truthy(options.get("allChangesForCluster"));
        lookup = options.containsKey("fullDocument") && !"default".equals(options.get("fullDocument"));
        Object token = options.getOrDefault("resumeAfter", options.get("startAfter"));
        if (token instanceof Document resume) {
            position = Long.parseUnsignedLong((String) resume.get("_data"), 16);
        } else if (options.get("startAtOperationTime") instanceof BsonTimestamp start) {
            position = start.getValue() - 1;
        } else {
            position = store.oplog().now().getValue();
        }
        if (!store.oplog().reachesBackTo(position)) {
            throw new Failure(286, "ChangeStreamHistoryLost", "Resume of change stream was not possible, as the resume point may no longer be in the oplog.");
        }
    }

    public boolean isInvalidated() {
        return invalidated;
    }

    public Document resumeToken() {
        return token(position);
    }

    private static Document token(long position) {
        return new Document("_data", String.format("%016X", position));
    }

    public List<Document> take(int most, long waitMillis) {
        long deadline = System.currentTimeMillis() + waitMillis;
        List<Document> batch = new ArrayList<>();
        try {
            while (batch.isEmpty() && !invalidated) {
                long left = Math.max(0, deadline - System.currentTimeMillis());
                List<OplogEntry> entries = store.oplog().after(position, Math.min(most, CHUNK), left);
                if (entries.isEmpty()) {
                    return batch;
                }
                for (OplogEntry entry : entries) {
                    position = entry.timestamp().getValue();
                    if (watches(entry)) {
                        add(event(entry), batch);
                        if (collection != null && (entry.type() == OplogEntry.Type.DROP || entry.type() == OplogEntry.Type.RENAME)
                            || collection == null && entry.type() == OplogEntry.Type.DROP_DATABASE) {
                            add(new Document("_id", token(position)).append("operationType", "invalidate")
                                .append("clusterTime", entry.timestamp()), batch);
                            invalidated = true;
                            break;
                        }
                    }
                }
            }
        } catch (InterruptedException e) {
            throw new Failure(11601, "Interrupted", "operation was interrupted");
        }
        return batch;
    }

    private void add(Document event, List<Document> batch) {
        stages.apply(List.of(event).iterator()).forEachRemaining(batch::add);
    }

    private boolean watches(OplogEntry entry) {
        if (allDatabases) {
            return true;
        }
        return entry.database().equals(database) && (collection == null || collection.equals(entry.collection()));
    }

    private Document event(OplogEntry entry) {
        Document event = new Document("_id", token(entry.timestamp().getValue())).append("operationType", entry.type().text())
            .append("clusterTime", entry.timestamp()).append("wallTime", entry.wallTime());
        Document namespace = new Document("db", entry.database());
        if (entry.collection() != null) {
            namespace.append("coll", entry.collection());
        }
        switch (entry.type()) {
            case INSERT, REPLACE -> event.append("fullDocument", entry.after());
            case UPDATE -> {
                if (lookup) {
                    Collection found = store.database(entry.database()).find(entry.collection()) instanceof Collection c ? c : null;
                    event.append("fullDocument", new Reader(found, null).get(entry.id()));
                }
            }
            case RENAME -> event.append("to", entry.after());
            default -> { }
        }
        event.append("ns", namespace);
        if (entry.id() != null || entry.type().ordinal() <= OplogEntry.Type.DELETE.ordinal()) {
            event.append("documentKey", new Document("_id", entry.id()));
        }
        if (entry.type() == OplogEntry.Type.UPDATE) {
            event.append("updateDescription", description(entry.before(), entry.after()));
        }
        return event;
    }

    /** The difference between two versions, by whole top-level fields. */
    private static Document description(Document before, Document after) {
        Document updated = new Document();
        List<String> removed = new ArrayList<>();
        for (Map.Entry<String, Object> entry : after.entrySet()) {
            if (!before.containsKey(entry.getKey()) || !Docs.same(before.get(entry.getKey()), entry.getValue())) {
                updated.put(entry.getKey(), entry.getValue());
            }
        }
        before.keySet().forEach(name -> {
            if (!after.containsKey(name)) {
                removed.add(name);
            }
        });
        return new Document("updatedFields", updated).append("removedFields", removed).append("truncatedArrays", new ArrayList<>());
    }
}
