package dev.polyshift.standin.command;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.Iterators;
import dev.polyshift.standin.aggregate.Projection;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.query.FieldPath;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.store.View;

/** find, count, distinct and the commands on cursors. Manual: https://www.mongodb.com/docs/manual/reference/command/find/ */
final class ReadCommands {

    private ReadCommands() {
    }

    static void register(Server server) {
        server.command("find", ReadCommands::find);
        server.command("aggregate", AggregateCommand::run);
        server.command("count", ReadCommands::count);
        server.command("distinct", ReadCommands::distinct);
        server.command("getMore", call -> call.server().cursors().getMore(call));
        server.command("killCursors", call -> call.server().cursors().kill(call));
    }

    private static Document find(Call call) {
        int limit = call.number("limit", 0);
        int batchSize = call.number("batchSize", Cursors.FIRST_BATCH);
        boolean single = call.flag("singleBatch") || limit < 0;
        Iterator<Document> found = documents(call, call.document("filter"), call.document("sort"), call.number("skip", 0), Math.abs(limit));
        Document projection = call.document("projection");
        if (!projection.isEmpty()) {
            found = Iterators.map(found, Projection.compile("find", projection, call.env()));
        }
        return call.server().cursors().open(call, call.namespace(), Cursors.of(found), batchSize, single);
    }

    /** The matching documents of a collection, or of a view through its pipeline. */
    private static Iterator<Document> documents(Call call, Document query, Document sort, int skip, int limit) {
        requireHint(call);
        Call.refuseCollation(call.command());
        Env env = call.env();
        if (call.db().find(call.target()) instanceof View) {
            List<Object> stages = new ArrayList<>();
            stages.add(new Document("$match", query));
            if (!sort.isEmpty() && !sort.containsKey("$natural")) {
                stages.add(new Document("$sort", sort));
            }
            stages.add(new Document("$skip", skip));
            if (limit > 0) {
                stages.add(new Document("$limit", limit));
            }
            return call.pipelines().run(call.target(), stages);
        }
        Filter filter = FilterCompiler.compile(query, env);
        return call.reader(call.target()).find(query, filter, sort, skip, limit);
    }

    private static void requireHint(Call call) {
        Object hint = call.command().get("hint");
        if (hint == null || hint instanceof Document document && (document.isEmpty() || document.containsKey("$natural"))
            || !(call.db().find(call.target()) instanceof dev.polyshift.standin.store.Collection collection)) {
            return;
        }
        boolean known = "_id_".equals(hint) || hint instanceof Document key && key.keySet().equals(java.util.Set.of("_id"))
            || collection.indexes().values().stream().anyMatch(index -> !Docs.truthy(index.spec().get("hidden"))
                && (index.name().equals(hint) || BsonOrder.equal(index.spec().get("key"), hint)));
        if (!known) {
            throw Failure.badValue("error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index");
        }
    }

    private static Document count(Call call) {
        Document query = call.document("query");
        int skip = call.number("skip", 0);
        int limit = Math.abs(call.number("limit", 0));
        if (query.isEmpty() && !(call.db().find(call.target()) instanceof View)) {
            int count = Math.max(0, call.reader(call.target()).count() - skip);
            return new Document("n", limit > 0 ? Math.min(limit, count) : count);
        }
        int count = 0;
        for (Iterator<Document> found = documents(call, query, new Document(), skip, limit); found.hasNext(); found.next()) {
            count++;
        }
        return new Document("n", count);
    }

    private static Document distinct(Call call) {
        FieldPath key = new FieldPath((String) call.command().get("key"));
        TreeSet<Object> values = new TreeSet<>(BsonOrder.ASCENDING);
        Iterator<Document> found = documents(call, call.document("query"), new Document(), 0, 0);
        while (found.hasNext()) {
            Object value = key.inExpression(found.next(), 0);
            if (value instanceof List<?> list) {
                list.forEach(element -> {
                    if (element instanceof List<?> inner && key.parts().length > 1) {
                        values.addAll(inner);
                    } else {
                        values.add(element);
                    }
                });
            } else if (!Docs.isMissing(value)) {
                values.add(value);
            }
        }
        return new Document("values", new ArrayList<>(values));
    }
}
