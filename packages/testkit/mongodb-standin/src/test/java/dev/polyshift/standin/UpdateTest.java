package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Date;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.UpdateOptions;

class UpdateTest extends StandinTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{a: 1} | {$set: {b: 2, 'c.d': 3}} | {a: 1, b: 2, c: {d: 3}}",
        "{a: 1, b: 2} | {$unset: {a: ''}} | {b: 2}",
        "{a: 1, b: 2} | {$rename: {a: 'x.y'}} | {b: 2, x: {y: 1}}",
        "{a: 2147483647} | {$inc: {a: 1}} | {a: {$numberLong: '2147483648'}}",
        "{a: {$numberDecimal: '0.1'}} | {$inc: {a: {$numberDecimal: '0.2'}}} | {a: {$numberDecimal: '0.3'}}",
        "{a: 3} | {$mul: {a: 2, z: 5}} | {a: 6, z: 0}",
        "{a: 3, b: 3} | {$min: {a: 2}, $max: {b: 4}} | {a: 2, b: 4}",
        "{a: [3, 1]} | {$push: {a: {$each: [2, 9], $sort: 1, $slice: 3}}} | {a: [1, 2, 3]}",
        "{a: [1]} | {$addToSet: {a: {$each: [1, 2, 2]}}} | {a: [1, 2]}",
        "{a: [{x: 1}, {x: 2}, {x: 3}]} | {$pull: {a: {x: {$gte: 2}}}} | {a: [{x: 1}]}",
        "{a: [1, 2, 1]} | {$pullAll: {a: [1]}} | {a: [2]}",
        "{a: [1, 2]} | {$pop: {a: -1}} | {a: [2]}",
        "{a: 5} | {$bit: {a: {and: 6}}} | {a: 4}",
        "{a: [1, 2]} | {$inc: {'a.$[]': 10}} | {a: [11, 12]}",
        "{a: 1, b: 2} | {c: 3} | {c: 3}"})
    void operator(String before, String update, String after) {
        Document document = doc(before);
        document.put("_id", 1);
        users.insertOne(document);
        db.runCommand(new Document("update", "users").append("updates", List.of(new Document("q", doc("{_id: 1}")).append("u", doc(update)))));
        Document wanted = doc("{_id: 1}");
        wanted.putAll(doc(after));
        assertEquals(wanted.toJson(), users.find().first().toJson());
    }

    @Test
    void positionalOperators() {
        users.insertOne(doc("{_id: 1, a: [{k: 1}, {k: 2}, {k: 3}]}"));
        users.updateOne(doc("{'a.k': 2}"), doc("{$set: {'a.$.hit': true}}"));
        users.updateOne(doc("{_id: 1}"), doc("{$set: {'a.$[e].big': true}}"), new UpdateOptions().arrayFilters(docs("{'e.k': {$gt: 2}}")));
        assertEquals(doc("{_id: 1, a: [{k: 1}, {k: 2, hit: true}, {k: 3, big: true}]}"), users.find().first());
    }

    @Test
    void refusals() {
        users.insertOne(doc("{_id: 1, a: 'x'}"));
        fails(14, () -> users.updateOne(doc("{}"), doc("{$inc: {a: 1}}")));
        fails(66, () -> users.updateOne(doc("{}"), doc("{$set: {_id: 2}}")));
        fails(66, () -> users.updateOne(doc("{}"), docs("{$set: {_id: 2}}")));
        fails(40, () -> users.updateOne(doc("{}"), doc("{$set: {a: 1}, $inc: {a: 1}}")));
        fails(28, () -> users.updateOne(doc("{}"), doc("{$set: {'a.b': 1}}")));
        fails(9, () -> users.updateOne(doc("{}"), doc("{$nope: {a: 1}}")));
        fails(72, () -> users.updateOne(doc("{}"), docs("{$group: {_id: 1}}")));
        assertEquals(docs("{_id: 1, a: 'x'}"), all());
    }

    @Test
    void pipelineUpdates() {
        users.insertMany(docs("{_id: 1, first: 'A', last: 'B'}", "{_id: 2, first: 'C'}"));
        users.updateMany(doc("{}"), docs("{$set: {name: {$concat: ['$first', ' ', {$ifNull: ['$last', '?']}]}, at: '$$NOW'}}", "{$unset: ['first', 'last']}"));
        assertInstanceOf(Date.class, users.find().first().get("at"));
        users.updateMany(doc("{}"), docs("{$project: {name: 1}}"));
        assertEquals(docs("{_id: 1, name: 'A B'}", "{_id: 2, name: 'C ?'}"), all());
        users.updateMany(doc("{$expr: {$eq: ['$$ROOT', {_id: 1, name: 'A B'}]}}"), docs("{$replaceWith: {$mergeObjects: ['$$ROOT', {same: true}]}}"));
        assertEquals(1, users.countDocuments(doc("{same: true}")));
        Document after = users.findOneAndUpdate(doc("{_id: 3}"), docs("{$set: {n: {$add: [{$ifNull: ['$n', 0]}, 1]}}}"),
            new FindOneAndUpdateOptions().upsert(true).returnDocument(ReturnDocument.AFTER));
        assertEquals(doc("{_id: 3, n: 1}"), after);
    }

    @Test
    void upsertTakesTheEqualitiesOfItsQuery() {
        users.updateOne(doc("{_id: 7, 'a.b': {$eq: 1}, c: {$gt: 5}, $and: [{d: 2}]}"), doc("{$setOnInsert: {e: 3}}"), new UpdateOptions().upsert(true));
        assertEquals(docs("{_id: 7, a: {b: 1}, d: 2, e: 3}"), all());
        users.updateOne(doc("{_id: 7}"), doc("{$setOnInsert: {e: 9}}"), new UpdateOptions().upsert(true));
        assertEquals(3, users.find().first().get("e"));
    }

    @Test
    void findAndModifyGivesBeforeAndAfter() {
        users.insertMany(docs("{_id: 1, n: 1}", "{_id: 2, n: 2}"));
        assertEquals(2, users.findOneAndUpdate(doc("{}"), doc("{$inc: {n: 10}}"), new FindOneAndUpdateOptions().sort(doc("{n: -1}"))).get("n"));
        assertEquals(doc("{_id: 1, n: 1}"), users.findOneAndDelete(doc("{_id: 1}")));
        assertNull(users.findOneAndUpdate(doc("{_id: 9}"), doc("{$inc: {n: 1}}")));
    }
}
