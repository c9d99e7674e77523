package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.command.Server;
import dev.polyshift.standin.oplog.Oplog;
import dev.polyshift.standin.store.Store;

/** A driver sends a write again only when the network fails, so this goes to the command service directly. */
class RetryTest {

    private final Server server = new Server(new Store(new Oplog(10)));
    private final Document lsid = new Document("id", UUID.randomUUID());

    @BeforeEach
    void insert() {
        run(new Document("insert", "c").append("documents", java.util.List.of(new Document("_id", 1).append("n", 0))));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Document run(Document command) {
        return server.run(null, "test", command);
    }

    private Document increment(long number) {
        Document update = new Document("q", new Document("_id", 1)).append("u", new Document("$inc", new Document("n", 1)));
        return run(new Document("update", "c").append("updates", java.util.List.of(update)).append("lsid", lsid).append("txnNumber", number));
    }

    private Object n() {
        return run(new Document("distinct", "c").append("key", "n")).get("values");
    }

    @Test
    void theSameNumberIsAppliedOnce() {
        assertEquals(1, increment(5).get("nModified"));
        assertEquals(1, increment(5).get("nModified"));
        assertEquals(java.util.List.of(1), n());
        increment(6);
        assertEquals(java.util.List.of(2), n());
        assertEquals(225, increment(5).get("code"));
    }
}
