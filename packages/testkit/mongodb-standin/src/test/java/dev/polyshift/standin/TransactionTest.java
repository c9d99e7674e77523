package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.IndexOptions;

class TransactionTest extends StandinTest {

    private ClientSession one;
    private ClientSession two;

    @BeforeEach
    void open() {
        users.insertMany(docs("{_id: 1, n: 1}", "{_id: 2, n: 2}"));
        one = client.startSession();
        two = client.startSession();
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    @Test
    void abortUndoesItsWritesAndNoOthers() {
        one.startTransaction();
        users.insertOne(one, doc("{_id: 3}"));
        users.updateMany(one, doc("{}"), doc("{$inc: {n: 10}}"));
        users.deleteOne(one, doc("{_id: 2}"));
        db.getCollection("fresh").insertOne(one, doc("{_id: 1}"));
        assertEquals(docs("{_id: 1, n: 1}", "{_id: 2, n: 2}"), all());
        assertEquals(2, users.countDocuments(one));
        users.insertOne(doc("{_id: 4}"));
        one.abortTransaction();
        assertEquals(docs("{_id: 1, n: 1}", "{_id: 2, n: 2}", "{_id: 4}"), all());
        assertFalse(db.listCollectionNames().into(new ArrayList<>()).contains("fresh"));
    }

    @Test
    void commitShowsAllAtOnce() {
        one.startTransaction();
        users.updateOne(one, doc("{_id: 1}"), doc("{$set: {n: 5}}"));
        db.getCollection("fresh").insertOne(one, doc("{_id: 1}"));
        assertEquals(doc("{_id: 1, n: 5}"), users.find(one, doc("{n: 5}")).first());
        assertNull(users.find(doc("{n: 5}")).first());
        one.commitTransaction();
        one.commitTransaction();
        assertEquals(doc("{_id: 1, n: 5}"), users.find(doc("{n: 5}")).first());
        assertEquals(1, db.getCollection("fresh").countDocuments());
    }

    @Test
    void theSecondWriterOfADocumentConflicts() {
        one.startTransaction();
        two.startTransaction();
        users.updateOne(one, doc("{_id: 1}"), doc("{$set: {n: 5}}"));
        MongoException error = fails(112, () -> users.updateOne(two, doc("{_id: 1}"), doc("{$set: {n: 6}}")));
        assertTrue(error.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL));
        two.abortTransaction();
        one.commitTransaction();
        assertEquals(5, users.find(doc("{_id: 1}")).first().get("n"));
    }

    @Test
    void aDocumentChangedSinceTheStartConflicts() {
        one.startTransaction();
        assertEquals(2, users.countDocuments(one));
        users.updateOne(doc("{_id: 1}"), doc("{$set: {n: 7}}"));
        fails(112, () -> users.updateOne(one, doc("{_id: 1}"), doc("{$inc: {n: 1}}")));
        one.abortTransaction();
        assertEquals(7, users.find(doc("{_id: 1}")).first().get("n"));
    }

    @Test
    void twoTransactionsCannotBothTakeAUniqueKey() {
        users.createIndex(doc("{n: 1}"), new IndexOptions().unique(true));
        one.startTransaction();
        two.startTransaction();
        users.insertOne(one, doc("{_id: 5, n: 9}"));
        users.insertOne(two, doc("{_id: 6, n: 9}"));
        one.commitTransaction();
        fails(112, () -> two.commitTransaction());
        assertEquals(1, users.countDocuments(doc("{n: 9}")));
    }

    @Test
    void aWriteOutsideWaitsForTheTransaction() throws Exception {
        one.startTransaction();
        users.updateOne(one, doc("{_id: 1}"), doc("{$inc: {n: 100}}"));
        CompletableFuture<Void> outside = CompletableFuture.runAsync(() -> users.updateOne(doc("{_id: 1}"), doc("{$inc: {n: 1}}")));
        Thread.sleep(150);
        assertFalse(outside.isDone());
        one.commitTransaction();
        outside.get(5, TimeUnit.SECONDS);
        assertEquals(102, users.find(doc("{_id: 1}")).first().get("n"));
    }

    @Test
    void anErrorEndsTheTransaction() {
        one.startTransaction();
        users.updateOne(one, doc("{_id: 2}"), doc("{$set: {n: 9}}"));
        fails(11000, () -> users.insertOne(one, doc("{_id: 1}")));
        fails(251, () -> users.find(one).first());
        one.abortTransaction();
        assertEquals(docs("{_id: 1, n: 1}", "{_id: 2, n: 2}"), all());
    }

    @Test
    void theEndOfTheClientEndsTheTransaction() throws Exception {
        try (MongoClient other = MongoClients.create(url)) {
            ClientSession session = other.startSession();
            session.startTransaction();
            other.getDatabase("test").getCollection("users").updateOne(session, doc("{_id: 1}"), doc("{$set: {n: 9}}"));
        }
        CompletableFuture.runAsync(() -> users.updateOne(doc("{_id: 1}"), doc("{$inc: {n: 1}}"))).get(5, TimeUnit.SECONDS);
        assertEquals(2, users.find(doc("{_id: 1}")).first().get("n"));
    }

    @Test
    void aTransactionEndsAfterItsLifetime() throws Exception {
        client.getDatabase("admin").runCommand(doc("{setParameter: 1, transactionLifetimeLimitSeconds: 1}"));
        try {
            one.startTransaction();
            users.updateOne(one, doc("{_id: 1}"), doc("{$set: {n: 9}}"));
            CompletableFuture.runAsync(() -> users.updateOne(doc("{_id: 1}"), doc("{$inc: {n: 1}}"))).get(10, TimeUnit.SECONDS);
            fails(251, () -> one.commitTransaction());
        } finally {
            client.getDatabase("admin").runCommand(doc("{setParameter: 1, transactionLifetimeLimitSeconds: 60}"));
        }
        assertEquals(new Document("_id", 1).append("n", 2), users.find(doc("{_id: 1}")).first());
    }
}
