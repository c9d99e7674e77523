package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.Test;

import com.mongodb.client.MongoCursor;

class PagingTest extends StandinTest {

    private static final int COUNT = 50_000;

    private void fill() {
        for (int from = 0; from < COUNT; from += 5000) {
            List<Document> batch = new ArrayList<>();
            for (int i = from; i < from + 5000; i++) {
                batch.add(new Document("_id", i * 7919L % COUNT).append("v", i));
            }
            users.insertMany(batch);
        }
    }

    /** 500 pages would take minutes if each sorted the collection. */
    @Test
    void keysetPagesDoNotSortTheCollection() {
        fill();
        long started = System.nanoTime();
        Object last = -1;
        int seen = 0;
        for (int page = 0; page < 500; page++) {
            for (Document document : users.find(new Document("_id", new Document("$gt", last))).sort(doc("{_id: 1}")).limit(100)) {
                assertEquals((long) seen++, document.get("_id"));
                last = document.get("_id");
            }
        }
        assertEquals(COUNT, seen);
        assertEquals(1000, users.updateMany(doc("{_id: {$gte: 5000, $lt: 6000}}"), doc("{$set: {hit: true}}")).getModifiedCount());
        assertTrue(System.nanoTime() - started < 15_000_000_000L);
    }

    @Test
    void cursorsGiveEveryDocumentOnceWhileOthersWrite() {
        fill();
        int seen = 0;
        try (MongoCursor<Document> cursor = users.find().batchSize(1000).cursor()) {
            for (; cursor.hasNext(); cursor.next()) {
                if (seen++ % 10_000 == 0) {
                    users.insertOne(new Document("_id", (long) COUNT + seen));
                }
            }
        }
        assertEquals(COUNT, seen);
    }

    @Test
    void idsOfSeveralTypesPageInBsonOrder() {
        users.insertMany(docs("{_id: 'b'}", "{_id: 2}", "{_id: {$oid: '5f0000000000000000000001'}}", "{_id: 'a'}", "{_id: 1}", "{_id: {x: 1}}"));
        assertEquals(docs("{_id: 2}"), users.find(doc("{_id: {$gt: 1}}")).sort(doc("{_id: 1}")).limit(9).into(new ArrayList<>()));
        assertEquals(docs("{_id: 'b'}", "{_id: 'a'}"), users.find(doc("{_id: {$gte: ''}}")).sort(doc("{_id: -1}")).into(new ArrayList<>()));
        assertEquals(docs("{_id: 1}", "{_id: 2}", "{_id: 'a'}", "{_id: 'b'}", "{_id: {x: 1}}", "{_id: {$oid: '5f0000000000000000000001'}}"),
            users.find().sort(doc("{_id: 1}")).into(new ArrayList<>()));
    }
}
