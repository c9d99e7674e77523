package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.FullDocument;

class ChangeStreamTest extends StandinTest {

    @Test
    void reportsAndResumes() {
        users.insertOne(doc("{_id: 0}"));
        BsonDocument token;
        try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes = users.watch().fullDocument(FullDocument.UPDATE_LOOKUP).cursor()) {
            users.insertOne(doc("{_id: 1, a: 1}"));
            users.updateOne(doc("{_id: 1}"), doc("{$set: {b: 2}, $unset: {a: 1}}"));
            users.deleteOne(doc("{_id: 1}"));
            assertEquals("insert", changes.next().getOperationTypeString());
            ChangeStreamDocument<Document> update = changes.next();
            assertEquals(BsonDocument.parse("{b: 2}"), update.getUpdateDescription().getUpdatedFields());
            assertEquals(List.of("a"), update.getUpdateDescription().getRemovedFields());
            token = update.getResumeToken();
        }
        try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes = users.watch().resumeAfter(token).cursor()) {
            assertEquals("delete", changes.next().getOperationTypeString());
            users.drop();
            List<String> types = new ArrayList<>();
            types.add(changes.next().getOperationTypeString());
            types.add(changes.next().getOperationTypeString());
            assertEquals(List.of("drop", "invalidate"), types);
        }
    }

    @Test
    void forgetsWhatNoLongerFitsTheOplog() {
        BsonDocument token;
        try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes = users.watch().cursor()) {
            users.insertOne(doc("{_id: 1}"));
            token = changes.next().getResumeToken();
        }
        for (int i = 0; i < OPLOG_SIZE + 10; i++) {
            users.updateOne(doc("{_id: 1}"), doc("{$inc: {n: 1}}"));
        }
        fails(286, () -> users.watch().resumeAfter(token).cursor());
    }

    @Test
    void aTransactionAppearsWhenItCommits() {
        try (var session = client.startSession(); MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes = users.watch().cursor()) {
            session.startTransaction();
            users.insertOne(session, doc("{_id: 1}"));
            users.insertOne(doc("{_id: 2}"));
            session.commitTransaction();
            assertEquals(2, changes.next().getDocumentKey().getInt32("_id").getValue());
            assertEquals(1, changes.next().getDocumentKey().getInt32("_id").getValue());
        }
    }
}
