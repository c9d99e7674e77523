package dev.polyshift.standin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.mongodb.client.MongoCollection;

class AggregationTest extends StandinTest {

    private MongoCollection<Document> target;

    @BeforeEach
    void insert() {
        users.insertMany(docs("{_id: 1, g: 'a', v: 1, t: [1, 2]}", "{_id: 2, g: 'a', v: 3, t: []}", "{_id: 3, g: 'b', v: 5}"));
        target = db.getCollection("target");
    }

    private List<Document> run(String... stages) {
        return users.aggregate(docs(stages)).into(new ArrayList<>());
    }

    @Test
    void groups() {
        assertEquals(docs("{_id: 'a', sum: 4, avg: 2.0, all: [1, 2], max: 3}", "{_id: 'b', sum: 5, avg: 5.0, all: [3], max: 5}"),
            run("{$group: {_id: '$g', sum: {$sum: '$v'}, avg: {$avg: '$v'}, all: {$push: '$_id'}, max: {$max: '$v'}}}", "{$sort: {_id: 1}}"));
    }

    @Test
    void unwindsAndJoins() {
        assertEquals(2, run("{$unwind: '$t'}").size());
        assertEquals(4, run("{$unwind: {path: '$t', preserveNullAndEmptyArrays: true}}").size());
        target.insertMany(docs("{_id: 'x', user: 1, q: 1}", "{_id: 'y', user: 1, q: 2}"));
        assertEquals(docs("{_id: 1, n: 2}", "{_id: 2, n: 0}", "{_id: 3, n: 0}"),
            run("{$lookup: {from: 'target', localField: '_id', foreignField: 'user', as: 'o'}}", "{$project: {n: {$size: '$o'}}}"));
        assertEquals(docs("{_id: 1, n: 1}", "{_id: 2, n: 0}", "{_id: 3, n: 0}"),
            run("{$lookup: {from: 'target', let: {u: '$_id'}, pipeline: [{$match: {$expr: {$and: [{$eq: ['$user', '$$u']}, {$gt: ['$q', 1]}]}}}], as: 'o'}}",
                "{$project: {n: {$size: '$o'}}}"));
        assertEquals(5, run("{$unionWith: 'target'}").size());
        assertEquals(docs("{n: [{count: 3}], b: [{_id: 3}]}"), run("{$facet: {n: [{$count: 'count'}], b: [{$match: {g: 'b'}}, {$project: {_id: 1}}]}}"));
    }

    @Test
    void mergesWithAPipeline() {
        target.insertOne(doc("{_id: 1, v: 10, kept: true}"));
        run("{$project: {v: 1}}", "{$merge: {into: 'target', let: {extra: '$v'}, whenMatched: [{$set: {v: {$add: ['$v', '$$new.v']}, extra: '$$extra'}}]}}");
        assertEquals(docs("{_id: 1, v: 11, kept: true, extra: 1}", "{_id: 2, v: 3}", "{_id: 3, v: 5}"), target.find().into(new ArrayList<>()));
    }

    @Test
    void mergeModes() {
        target.insertOne(doc("{_id: 1, kept: true}"));
        run("{$project: {v: 1}}", "{$merge: {into: 'target', whenMatched: 'keepExisting', whenNotMatched: 'discard'}}");
        assertEquals(docs("{_id: 1, kept: true}"), target.find().into(new ArrayList<>()));
        run("{$project: {v: 1}}", "{$merge: {into: 'target', whenMatched: 'replace', whenNotMatched: 'discard'}}");
        assertEquals(docs("{_id: 1, v: 1}"), target.find().into(new ArrayList<>()));
        fails(11000, () -> run("{$merge: {into: 'target', whenMatched: 'fail'}}"));
        fails(13113, () -> run("{$match: {_id: 2}}", "{$merge: {into: 'target', whenNotMatched: 'fail'}}"));
        fails(51183, () -> run("{$merge: {into: 'target', on: 'v'}}"));
    }

    @Test
    void outReplacesAndKeepsIndexes() {
        target.insertOne(doc("{_id: 'old'}"));
        target.createIndex(doc("{v: 1}"));
        run("{$project: {v: 1}}", "{$out: 'target'}");
        assertEquals(3, target.countDocuments());
        assertEquals(2, target.listIndexes().into(new ArrayList<>()).size());
    }
}
