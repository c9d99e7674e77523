package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.bson.types.Binary;
import org.junit.jupiter.api.Test;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;

class ValuesTest extends StandinTest {

    private static final String EVERY_TYPE = """
        {_id: {$oid: '5f0000000000000000000001'}, int: {$numberInt: '1'}, long: {$numberLong: '9223372036854775807'},
         double: {$numberDouble: '1.0'}, negativeZero: {$numberDouble: '-0.0'}, nan: {$numberDouble: 'NaN'},
         decimal: {$numberDecimal: '1.2300'}, decimalNaN: {$numberDecimal: 'NaN'}, tiny: {$numberDecimal: '1E-6176'},
         text: 'grün € 😀', empty: '', flag: true, none: null, date: {$date: {$numberLong: '-1'}},
         uuid: {$binary: {base64: 'ABEiM0RVZneImaq7zN3u/w==', subType: '04'}}, old: {$binary: {base64: 'ABEiM0RVZneImaq7zN3u/w==', subType: '03'}},
         md5: {$binary: {base64: 'ABEiM0RVZneImaq7zN3u/w==', subType: '05'}}, user: {$binary: {base64: 'AQI=', subType: '80'}},
         regex: {$regularExpression: {pattern: 'a.b', options: 'im'}}, time: {$timestamp: {t: 5, i: 6}}, min: {$minKey: 1}, max: {$maxKey: 1},
         code: {$code: 'x'}, scoped: {$code: 'y', $scope: {a: 1}}, symbol: {$symbol: 's'}, undefined: {$undefined: true},
         list: [1, [2, {deep: []}]], doc: {}}""";

    @Test
    void everyTypeComesBackByteForByte() {
        BsonDocument given = BsonDocument.parse(EVERY_TYPE);
        MongoCollection<RawBsonDocument> raw = db.getCollection("raw", RawBsonDocument.class);
        raw.insertOne(new RawBsonDocument(given, new org.bson.codecs.BsonDocumentCodec()));
        assertEquals(given, BsonDocument.parse(raw.find().first().toJson(
            org.bson.json.JsonWriterSettings.builder().outputMode(org.bson.json.JsonMode.EXTENDED).build())));
    }

    @Test
    void numbersCompareAcrossTypesExactly() {
        users.insertMany(docs("{_id: {$numberLong: '9007199254740993'}}", "{_id: 9007199254740992.0}", "{_id: {$numberDecimal: '9007199254740992.5'}}"));
        assertEquals(3, users.countDocuments(doc("{_id: {$gte: {$numberLong: '9007199254740992'}}}")));
        assertEquals(1, users.countDocuments(doc("{_id: {$gt: {$numberDecimal: '9007199254740992.5'}}}")));
        fails(11000, () -> users.insertOne(doc("{_id: {$numberLong: '9007199254740992'}}")));
    }

    @Test
    void binarySubtypesAreDifferentValues() {
        users.insertOne(new org.bson.Document("_id", new Binary((byte) 0, new byte[] {1})));
        users.insertOne(new org.bson.Document("_id", new Binary((byte) 0x80, new byte[] {1})));
        assertEquals(1, users.countDocuments(Filters.eq("_id", new BsonBinary((byte) 0x80, new byte[] {1}))));
    }

    @Test
    void setChangesTheTypeOfAnEqualNumber() {
        users.insertOne(doc("{_id: 1, n: 5}"));
        assertEquals(1, users.updateOne(doc("{_id: 1}"), doc("{$set: {n: {$numberLong: '5'}}}")).getModifiedCount());
        assertEquals(1, users.countDocuments(doc("{n: {$type: 'long'}}")));
        assertEquals(0, users.updateOne(doc("{_id: 1}"), doc("{$set: {n: {$numberLong: '5'}}}")).getModifiedCount());
    }

    @Test
    void naturalOrderIsTheOrderOfInsertion() {
        users.insertMany(docs("{_id: 3}", "{_id: 1}", "{_id: 2}"));
        assertEquals(List.of(3, 1, 2), all().stream().map(document -> document.get("_id")).toList());
    }
}
