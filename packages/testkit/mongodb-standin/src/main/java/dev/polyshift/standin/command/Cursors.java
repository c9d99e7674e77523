package dev.polyshift.standin.command;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.wire.Connection;

/** Open cursors. Manual: https://www.mongodb.com/docs/manual/reference/command/getMore/ */
final class Cursors {

    static final int FIRST_BATCH = 101;
    private static final int BATCH_BYTES = 16 * 1024 * 1024;
    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** What batches are taken from: stored results, or a change stream that waits for more. */
    interface Source {

        /** @return the next documents, fewer than asked for where there are no more now */
        List<Document> take(int most, long waitMillis);

        boolean isExhausted();

        default Document postBatchResumeToken() {
            return null;
        }
    }

    private record Open(String namespace, Source source, boolean noTimeout, long[] usedNanos) { }

    private final Map<Long, Open> cursors = new ConcurrentHashMap<>();

    static Source of(Iterator<Document> documents) {
        return new Source() {
            @Override
            public List<Document> take(int most, long waitMillis) {
                List<Document> batch = new ArrayList<>(Math.min(most, 1024));
                int bytes = 0;
                while (batch.size() < most && bytes < BATCH_BYTES && documents.hasNext()) {
                    Document document = documents.next();
                    int size = Docs.size(document);
                    batch.add(document);
                    bytes += size + 16;
                    if (bytes > BATCH_BYTES - 1024 * 1024 && most > 1) {
                        break;
                    }
                }
                return batch;
            }

            @Override
            public boolean isExhausted() {
                return !documents.hasNext();
            }
        };
    }

    /** The reply of a command that opens a cursor. */
    Document open(Call call, String namespace, Source source, int firstBatch, boolean single) {
        List<Document> batch = source.take(firstBatch, 0);
        long id = 0;
        if (!single && !source.isExhausted()) {
            id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
            cursors.put(id, new Open(namespace, source, call.flag("noCursorTimeout"), new long[] {System.nanoTime()}));
            call.connection().cursors().add(id);
        }
        Document cursor = new Document("firstBatch", batch).append("id", id).append("ns", namespace);
        if (source.postBatchResumeToken() != null) {
            cursor.append("postBatchResumeToken", source.postBatchResumeToken());
        }
        reap();
        return new Document("cursor", cursor);
    }

    Document getMore(Call call) {
        long id = ((Number) call.command().get("getMore")).longValue();
        Open open = cursors.get(id);
        if (open == null) {
            throw new Failure(43, "CursorNotFound", "cursor id " + id + " not found");
        }
        open.usedNanos[0] = System.nanoTime();
        int most = call.number("batchSize", 0);
        List<Document> batch = open.source.take(most <= 0 ? Integer.MAX_VALUE : most, call.number("maxTimeMS", 1000));
        boolean exhausted = open.source.isExhausted();
        if (exhausted) {
            cursors.remove(id);
            call.connection().cursors().remove(id);
        }
        Document cursor = new Document("nextBatch", batch).append("id", exhausted ? 0L : id).append("ns", open.namespace);
        if (open.source.postBatchResumeToken() != null) {
            cursor.append("postBatchResumeToken", open.source.postBatchResumeToken());
        }
        return new Document("cursor", cursor);
    }

    Document kill(Call call) {
        List<Object> killed = new ArrayList<>();
        List<Object> unknown = new ArrayList<>();
        for (Object id : Call.list(call.command(), "cursors")) {
            (cursors.remove(((Number) id).longValue()) != null ? killed : unknown).add(id);
        }
        return new Document("cursorsKilled", killed).append("cursorsNotFound", unknown)
            .append("cursorsAlive", new ArrayList<>()).append("cursorsUnknown", new ArrayList<>());
    }

    int count() {
        return cursors.size();
    }

    void closeOf(Connection connection) {
        connection.cursors().clear();
    }

    private void reap() {
        long now = System.nanoTime();
        cursors.values().removeIf(open -> !open.noTimeout && now - open.usedNanos[0] > IDLE_NANOS);
    }
}
