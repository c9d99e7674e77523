package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.Test;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.RenameCollectionOptions;

class CatalogTest extends StandinTest {

    @Test
    void createListDrop() {
        db.runCommand(doc("{create: 'capped', capped: true, size: 4096, max: 10}"));
        db.runCommand(doc("{create: 'sorted', collation: {locale: 'de'}}"));
        fails(48, () -> db.runCommand(doc("{create: 'sorted'}")));
        assertEquals(List.of("capped", "sorted"), db.listCollectionNames().into(new ArrayList<>()));
        assertEquals(doc("{capped: true, size: 4096, max: 10}"), db.listCollections().first().get("options"));
        fails(26, () -> db.runCommand(doc("{drop: 'none'}")));
        db.drop();
        assertEquals(List.of(), db.listCollectionNames().into(new ArrayList<>()));
    }

    @Test
    void rename() {
        users.insertOne(doc("{_id: 1}"));
        users.createIndex(doc("{a: 1}"));
        db.getCollection("taken").insertOne(doc("{_id: 2}"));
        MongoNamespace taken = new MongoNamespace("test", "taken");
        fails(48, () -> users.renameCollection(taken));
        users.renameCollection(taken, new RenameCollectionOptions().dropTarget(true));
        assertEquals(docs("{_id: 1}"), db.getCollection("taken").find().into(new ArrayList<>()));
        assertEquals(2, db.getCollection("taken").listIndexes().into(new ArrayList<>()).size());
        fails(26, () -> users.renameCollection(new MongoNamespace("test", "elsewhere")));
    }

    @Test
    void viewsAnswer() {
        users.insertMany(docs("{_id: 1, a: 1}", "{_id: 2, a: 2}", "{_id: 3, a: 3}"));
        db.createView("doubled", "users", docs("{$match: {a: {$gt: 1}}}", "{$set: {b: {$multiply: ['$a', 2]}}}"));
        MongoCollection<Document> view = db.getCollection("doubled");
        assertEquals(docs("{_id: 3, a: 3, b: 6}"), view.find(doc("{b: 6}")).into(new ArrayList<>()));
        assertEquals(2, view.countDocuments());
        assertEquals(doc("{n: 10}"), view.aggregate(docs("{$group: {_id: null, n: {$sum: '$b'}}}", "{$unset: '_id'}")).first());
        fails(166, () -> view.insertOne(doc("{}")));
    }

    @Test
    void documentsHaveALimitOf16MegaBytes() {
        users.insertOne(new Document("_id", 1).append("a", "x".repeat(9 << 20)));
        fails(10334, () -> users.updateOne(doc("{_id: 1}"), docs("{$set: {b: '$a'}}")));
    }
}
