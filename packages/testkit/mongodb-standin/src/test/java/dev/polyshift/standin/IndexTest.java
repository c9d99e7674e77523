package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.Test;

import com.mongodb.MongoWriteException;

class IndexTest extends StandinTest {

    private void create(String spec) {
        db.runCommand(new Document("createIndexes", "users").append("indexes", docs(spec)));
    }

    private Document listed(String name) {
        return users.listIndexes().into(new ArrayList<>()).stream().filter(index -> name.equals(index.get("name"))).findFirst().orElseThrow();
    }

    @Test
    void listIndexesGivesBackWhatWasCreated() {
        List<String> specs = List.of("{v: 2, key: {a: 1, b: -1}, name: 'ab'}", "{v: 2, key: {c: 1}, name: 'c', unique: true, sparse: true}",
            "{v: 2, key: {d: 1}, name: 'd', expireAfterSeconds: 60}", "{v: 2, key: {e: 1}, name: 'e', partialFilterExpression: {e: {$gt: 5}}}",
            "{v: 2, key: {f: 1}, name: 'f', collation: {locale: 'en', strength: 2}}", "{v: 2, key: {g: 'hashed'}, name: 'g'}",
            "{v: 2, key: {h: '2dsphere'}, name: 'h', '2dsphereIndexVersion': 3}", "{v: 2, key: {i: 'text'}, name: 'i', weights: {i: 1}}",
            "{v: 2, key: {'j.$**': 1}, name: 'j'}", "{v: 2, key: {k: 1}, name: 'k', hidden: true}");
        specs.forEach(this::create);
        List<Document> wanted = docs("{v: 2, key: {_id: 1}, name: '_id_'}");
        specs.forEach(spec -> wanted.add(doc(spec)));
        assertEquals(wanted, users.listIndexes().into(new ArrayList<>()));
    }

    @Test
    void uniqueErrorsNameKeyAndValue() {
        create("{key: {email: 1}, name: 'emails', unique: true}");
        users.insertOne(doc("{_id: 1, email: 'a'}"));
        MongoWriteException error = (MongoWriteException) fails(11000, () -> users.insertOne(doc("{_id: 2, email: 'a'}")));
        assertTrue(error.getMessage().contains("E11000 duplicate key error collection: test.users index: emails dup key: { email: \"a\" }"));
        Document reply = db.runCommand(doc("{insert: 'users', documents: [{_id: 3, email: 'a'}]}"));
        Document write = reply.getList("writeErrors", Document.class).get(0);
        assertEquals(doc("{email: 1}"), write.get("keyPattern"));
        assertEquals(doc("{email: 'a'}"), write.get("keyValue"));
        users.insertOne(doc("{_id: 4}"));
        fails(11000, () -> users.insertOne(doc("{_id: 5}")));
        fails(11000, () -> users.updateOne(doc("{_id: 4}"), doc("{$set: {email: 'a'}}")));
    }

    @Test
    void partialAndSparseUniqueIndexesLeaveOthersAlone() {
        create("{key: {a: 1}, name: 'a', unique: true, partialFilterExpression: {a: {$type: 'string'}}}");
        create("{key: {b: 1}, name: 'b', unique: true, sparse: true}");
        users.insertMany(docs("{a: 1}", "{a: 1}", "{a: 'x', b: null}"));
        fails(11000, () -> users.insertOne(doc("{a: 'x'}")));
        fails(11000, () -> users.insertOne(doc("{b: null}")));
        assertEquals(3, users.countDocuments());
    }

    @Test
    void conflictsAreRefused() {
        create("{key: {a: 1}, name: 'a'}");
        create("{key: {a: 1}, name: 'a'}");
        fails(86, () -> create("{key: {b: 1}, name: 'a'}"));
        fails(85, () -> create("{key: {a: 1}, name: 'other'}"));
        fails(86, () -> create("{key: {a: 1}, name: 'a', unique: true}"));
        fails(27, () -> users.dropIndex("none"));
        fails(72, () -> users.dropIndex("_id_"));
        users.insertMany(docs("{x: 1}", "{x: 1}"));
        fails(11000, () -> create("{key: {x: 1}, name: 'x', unique: true}"));
        assertEquals(2, users.listIndexes().into(new ArrayList<>()).size());
    }

    @Test
    void collModHidesAndChangesTtl() {
        create("{key: {a: 1}, name: 'a', expireAfterSeconds: 5}");
        db.runCommand(doc("{collMod: 'users', index: {name: 'a', hidden: true}}"));
        db.runCommand(doc("{collMod: 'users', index: {keyPattern: {a: 1}, expireAfterSeconds: 9}}"));
        assertEquals(doc("{v: 2, key: {a: 1}, name: 'a', expireAfterSeconds: 9, hidden: true}"), listed("a"));
        db.runCommand(doc("{collMod: 'users', index: {name: 'a', hidden: false}}"));
        assertEquals(doc("{v: 2, key: {a: 1}, name: 'a', expireAfterSeconds: 9}"), listed("a"));
        db.runCommand(doc("{dropIndexes: 'users', index: {a: 1}}"));
        assertEquals(1, users.listIndexes().into(new ArrayList<>()).size());
    }

    @Test
    void answersAreTheSameWithAndWithoutIndexes() {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            documents.add(new Document("_id", i).append("a", i % 10).append("b", i % 7 == 0 ? (Object) ("s" + i) : (Object) (i % 50))
                .append("list", List.of(i % 5, i % 11)).append("n", i % 3 == 0 ? null : i));
        }
        users.insertMany(documents);
        List<Document> queries = docs("{a: 3}", "{a: 3, b: {$gt: 10}}", "{a: {$in: [1, 2]}}", "{b: {$gte: 40}}", "{b: 's7'}", "{list: 4}",
            "{list: {$gt: 8, $lt: 10}}", "{n: null}", "{a: 5, b: {$lt: 10, $gte: 3}}", "{b: {$lt: 3}}", "{_id: {$gt: 500, $lte: 600}}", "{_id: {$in: [1, 5, 1, 2000]}}",
            "{$and: [{_id: {$gte: 10}}, {_id: {$lt: 20}}]}");
        List<Long> before = queries.stream().map(users::countDocuments).toList();
        List<Object> ordered = users.find(doc("{a: 3}")).sort(doc("{b: -1, _id: 1}")).map(document -> document.get("_id")).into(new ArrayList<>());
        List.of("{key: {a: 1, b: -1}, name: 'ab'}", "{key: {b: 1}, name: 'b'}", "{key: {list: 1}, name: 'l'}", "{key: {n: -1}, name: 'n'}").forEach(this::create);
        assertEquals(before, queries.stream().map(users::countDocuments).toList());
        assertEquals(ordered, users.find(doc("{a: 3}")).sort(doc("{b: -1, _id: 1}")).map(document -> document.get("_id")).into(new ArrayList<>()));
        users.updateMany(doc("{a: 3}"), doc("{$set: {a: 77}}"));
        assertEquals(0, users.countDocuments(doc("{a: 3}")));
        assertEquals(100, users.countDocuments(doc("{a: 77}")));
    }
}
