package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.model.FindOneAndReplaceOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.InsertOneOptions;
import com.mongodb.client.model.UpdateOptions;

class ValidationTest extends StandinTest {

    private static final String SCHEMA = "{bsonType: 'object', required: ['email'], properties: {"
        + "email: {bsonType: 'string', description: 'an address'}, age: {bsonType: ['int', 'long'], minimum: 0}}}";

    @BeforeEach
    void createValidated() {
        db.runCommand(doc("{create: 'users', validator: {$jsonSchema: " + SCHEMA + "}}"));
        users.insertOne(doc("{_id: 1, email: 'a@b'}"));
    }

    private Document options() {
        return (Document) db.listCollections().filter(doc("{name: 'users'}")).first().get("options");
    }

    @Test
    void everyWayOfWritingIsChecked() {
        fails(121, () -> users.insertOne(doc("{_id: 2}")));
        fails(121, () -> users.updateOne(doc("{_id: 1}"), doc("{$set: {age: -1}}")));
        fails(121, () -> users.updateOne(doc("{_id: 1}"), docs("{$set: {email: 5}}")));
        fails(121, () -> users.replaceOne(doc("{_id: 1}"), doc("{x: 1}")));
        fails(121, () -> users.updateOne(doc("{_id: 9}"), doc("{$set: {age: 1}}"), new UpdateOptions().upsert(true)));
        fails(121, () -> users.findOneAndUpdate(doc("{_id: 1}"), doc("{$unset: {email: 1}}")));
        fails(121, () -> users.findOneAndReplace(doc("{_id: 1}"), doc("{}"), new FindOneAndReplaceOptions()));
        db.getCollection("source").insertOne(doc("{_id: 7}"));
        fails(121, () -> db.getCollection("source").aggregate(docs("{$merge: 'users'}")).toCollection());
        fails(121, () -> db.getCollection("source").aggregate(docs("{$out: 'users'}")).toCollection());
        assertEquals(docs("{_id: 1, email: 'a@b'}"), all());
    }

    @Test
    void errInfoNamesTheRules() {
        MongoWriteException error = (MongoWriteException) fails(121, () -> users.insertOne(doc("{_id: 2, age: 'x'}")));
        assertEquals(doc("""
            {failingDocumentId: 2, details: {operatorName: '$jsonSchema', schemaRulesNotSatisfied: [
              {operatorName: 'required', specifiedAs: {required: ['email']}, missingProperties: ['email']},
              {operatorName: 'properties', propertiesNotSatisfied: [{propertyName: 'age', details: [
                {operatorName: 'bsonType', specifiedAs: {bsonType: ['int', 'long']}, reason: 'type did not match',
                 consideredValue: 'x', consideredType: 'string'}]}]}]}}"""), Document.parse(error.getError().getDetails().toJson()));
    }

    @Test
    void unorderedBulkGoesOnAfterAFailure() {
        MongoBulkWriteException error = assertThrows(MongoBulkWriteException.class,
            () -> users.insertMany(docs("{_id: 2, email: 'x'}", "{_id: 3}", "{_id: 4, email: 'y'}"), new InsertManyOptions().ordered(false)));
        assertEquals(1, error.getWriteErrors().get(0).getIndex());
        assertEquals(3, users.countDocuments());
    }

    @Test
    void bypassLetsThrough() {
        users.insertOne(doc("{_id: 2}"), new InsertOneOptions().bypassDocumentValidation(true));
        assertEquals(2, users.countDocuments());
    }

    @Test
    void collModStoresListsAndEnforces() {
        users.insertOne(doc("{_id: 2}"), new InsertOneOptions().bypassDocumentValidation(true));
        db.runCommand(doc("{collMod: 'users', validationLevel: 'moderate'}"));
        users.updateOne(doc("{_id: 2}"), doc("{$set: {x: 1}}"));
        fails(121, () -> users.updateOne(doc("{_id: 1}"), doc("{$unset: {email: 1}}")));
        db.runCommand(doc("{collMod: 'users', validationAction: 'warn'}"));
        users.insertOne(doc("{_id: 3}"));
        db.runCommand(doc("{collMod: 'users', validationAction: 'error', validationLevel: 'off'}"));
        users.insertOne(doc("{_id: 4}"));
        db.runCommand(doc("{collMod: 'users', validator: {age: {$gte: 18}}, validationLevel: 'strict'}"));
        assertEquals(doc("{validator: {age: {$gte: 18}}, validationLevel: 'strict', validationAction: 'error'}"), options());
        fails(121, () -> users.insertOne(doc("{_id: 5, age: 3}")));
        db.runCommand(doc("{collMod: 'users', validator: {}}"));
        assertFalse(options().containsKey("validator"));
        users.insertOne(doc("{_id: 5, age: 3}"));
    }

    @Test
    void collModRefusesBadRulesAndChangesNothing() {
        Document before = options();
        fails(9, () -> db.runCommand(doc("{collMod: 'users', validator: {$jsonSchema: {requried: ['a']}}}")));
        fails(9, () -> db.runCommand(doc("{collMod: 'users', validator: {$jsonSchema: {default: 1}}}")));
        fails(9, () -> db.runCommand(doc("{collMod: 'users', validator: {$jsonSchema: {required: []}}}")));
        fails(2, () -> db.runCommand(doc("{collMod: 'users', validator: {$jsonSchema: {bsonType: 'text'}}}")));
        fails(2, () -> db.runCommand(doc("{collMod: 'users', validationLevel: 'lax'}")));
        fails(26, () -> db.runCommand(doc("{collMod: 'nothing', validator: {}}")));
        assertEquals(before, options());
    }

    @Test
    void jsonSchemaFindsWhatWouldFail() {
        users.insertMany(docs("{_id: 2, email: 5}", "{_id: 3}"), new InsertManyOptions().bypassDocumentValidation(true));
        Document failing = doc("{$nor: [{$jsonSchema: " + SCHEMA + "}]}");
        List<Object> ids = users.find(failing).map(document -> document.get("_id")).into(new ArrayList<>());
        assertEquals(List.of(2, 3), ids);
        assertEquals(2, users.aggregate(List.of(new Document("$match", failing), doc("{$count: 'n'}"))).first().get("n"));
    }

    /** Each row: a schema, a document that satisfies it, one that does not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{properties: {a: {bsonType: 'number'}}} | {a: 1.5} | {a: 'x'}",
        "{properties: {a: {type: 'boolean'}}} | {a: true} | {a: 1}",
        "{properties: {a: {bsonType: 'objectId'}}} | {a: {$oid: '5f0000000000000000000001'}} | {a: 'x'}",
        "{properties: {a: {enum: [1, null, {b: 1}]}}} | {a: {b: 1}} | {a: 2}",
        "{properties: {a: {minimum: 1, exclusiveMinimum: true}}} | {a: 2} | {a: 1}",
        "{properties: {a: {maximum: 1}}} | {a: 1} | {a: 1.01}",
        "{properties: {a: {multipleOf: 0.5}}} | {a: 1.5} | {a: 1.6}",
        "{properties: {a: {minLength: 2, maxLength: 3}}} | {a: 'é€'} | {a: 'x'}",
        "{properties: {a: {pattern: '^a+$'}}} | {a: 'aa'} | {a: 'ab'}",
        "{properties: {a: {items: {bsonType: 'int'}, minItems: 1, uniqueItems: true}}} | {a: [1, 2]} | {a: [1, 1]}",
        "{properties: {a: {items: [{bsonType: 'int'}], additionalItems: false}}} | {a: [1]} | {a: [1, 2]}",
        "{properties: {_id: {}, a: {}}, additionalProperties: false} | {a: 1} | {b: 1}",
        "{properties: {_id: {}}, patternProperties: {'^x': {bsonType: 'int'}}, additionalProperties: {bsonType: 'string'}} | {x1: 1, y: 's'} | {y: 1}",
        "{minProperties: 2, maxProperties: 2} | {a: 1} | {a: 1, b: 1}",
        "{dependencies: {a: ['b']}} | {a: 1, b: 1} | {a: 1}",
        "{anyOf: [{required: ['a']}, {required: ['b']}]} | {b: 1} | {c: 1}",
        "{oneOf: [{required: ['a']}, {required: ['b']}]} | {b: 1} | {a: 1, b: 1}",
        "{allOf: [{required: ['a']}, {required: ['b']}]} | {a: 1, b: 1} | {a: 1}",
        "{not: {required: ['a']}} | {b: 1} | {a: 1}",
        "{properties: {a: {bsonType: 'object', required: ['b'], properties: {b: {bsonType: 'date'}}}}} | {a: {b: {$date: '2020-01-01T00:00:00Z'}}} | {a: {b: 1}}"})
    void keyword(String schema, String good, String bad) {
        db.getCollection("k").drop();
        db.runCommand(doc("{create: 'k', validator: {$jsonSchema: " + schema + "}}"));
        db.getCollection("k").insertOne(doc(good));
        MongoWriteException error = (MongoWriteException) fails(121, () -> db.getCollection("k").insertOne(doc(bad)));
        assertTrue(error.getError().getDetails().getDocument("details").getArray("schemaRulesNotSatisfied").size() > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{age: {$gte: 18}}", "{$expr: {$gt: ['$age', 17]}}", "{$or: [{age: {$gte: 18}}, {guardian: {$exists: true}}]}",
        "{age: {$type: 'int'}, email: /@/}"})
    void queryExpressionsValidateToo(String rules) {
        db.runCommand(doc("{collMod: 'users', validator: " + rules + "}"));
        users.insertOne(doc("{age: 18, email: 'a@b'}"));
        fails(121, () -> users.insertOne(doc("{age: {$numberLong: '7'}, email: 'x'}")));
    }
}
