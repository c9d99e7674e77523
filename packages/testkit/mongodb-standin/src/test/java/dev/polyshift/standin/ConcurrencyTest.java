package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.bson.Document;
import org.junit.jupiter.api.Test;

import com.mongodb.client.ClientSession;
import com.mongodb.client.model.UpdateOptions;

class ConcurrencyTest extends StandinTest {

    private static void parallel(int threads, Callable<?> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(pool.submit(work));
        }
        for (Future<?> one : running) {
            one.get();
        }
        pool.shutdown();
    }

    @Test
    void noIncrementIsLost() throws Exception {
        parallel(8, () -> {
            for (int i = 0; i < 100; i++) {
                users.updateOne(doc("{_id: 1}"), doc("{$inc: {n: 1}}"), new UpdateOptions().upsert(true));
            }
            return null;
        });
        assertEquals(800, users.find().first().get("n"));
    }

    @Test
    void noJobIsTakenTwice() throws Exception {
        for (int i = 0; i < 300; i++) {
            users.insertOne(new Document("_id", i).append("state", "new"));
        }
        users.createIndex(doc("{state: 1}"));
        Set<Object> taken = ConcurrentHashMap.newKeySet();
        int[] count = {0};
        parallel(6, () -> {
            Document job;
            while ((job = users.findOneAndUpdate(doc("{state: 'new'}"), doc("{$set: {state: 'taken'}}"))) != null) {
                taken.add(job.get("_id"));
                synchronized (count) {
                    count[0]++;
                }
            }
            return null;
        });
        assertEquals(300, taken.size());
        assertEquals(300, count[0]);
    }

    @Test
    void transactionsKeepTheSum() throws Exception {
        users.insertMany(docs("{_id: 0, n: 1000}", "{_id: 1, n: 1000}", "{_id: 2, n: 1000}"));
        parallel(4, () -> {
            for (int i = 0; i < 25; i++) {
                int from = i % 3;
                try (ClientSession session = client.startSession()) {
                    session.withTransaction(() -> {
                        users.updateOne(session, new Document("_id", from), doc("{$inc: {n: -1}}"));
                        return users.updateOne(session, new Document("_id", (from + 1) % 3), doc("{$inc: {n: 1}}"));
                    });
                }
            }
            return null;
        });
        assertEquals(3000, users.aggregate(docs("{$group: {_id: null, n: {$sum: '$n'}}}")).first().get("n"));
    }

    @Test
    void insertsGoOnWhileTheCollectionIsDropped() throws Exception {
        parallel(4, () -> {
            for (int i = 0; i < 50; i++) {
                users.insertOne(new Document("n", i));
                if (i % 10 == 0) {
                    users.drop();
                }
            }
            return null;
        });
        users.insertOne(new Document("_id", "last"));
        assertEquals(1, users.countDocuments(doc("{_id: 'last'}")));
        assertEquals(users.countDocuments(), all().size());
    }
}
