package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.ObjectIds;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.store.Writer;
import dev.polyshift.standin.update.PipelineUpdate;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/merge/ */
final class MergeStage implements Stage {

    private static final Set<String> KNOWN = Set.of("into", "on", "let", "whenMatched", "whenNotMatched");

    private final PipelineContext context;
    private final PipelineContext target;
    private final String into;
    private final List<String> on = new ArrayList<>();
    private final Object whenMatched;
    private final String whenNotMatched;
    private final Document let;

    MergeStage(Object given, PipelineContext context) {
        if (context.transaction() != null) {
            throw new Failure(263, "OperationNotSupportedInTransaction", "$merge cannot be used in a transaction");
        }
        Document spec = given instanceof Document document ? document : new Document("into", given);
        for (String name : spec.keySet()) {
            if (!KNOWN.contains(name)) {
                throw Failure.location(40415, "BSON field '$merge." + name + "' is an unknown field.");
            }
        }
        this.context = context;
        Object place = spec.get("into");
        into = place instanceof Document namespace ? (String) namespace.get("coll") : (String) place;
        target = place instanceof Document namespace && namespace.containsKey("db") ? context.in((String) namespace.get("db")) : context;
        Object fields = spec.getOrDefault("on", "_id");
        for (Object field : fields instanceof List<?> list ? list : List.of(fields)) {
            on.add((String) field);
        }
        whenMatched = spec.getOrDefault("whenMatched", "merge");
        whenNotMatched = (String) spec.getOrDefault("whenNotMatched", "insert");
        let = (Document) spec.getOrDefault("let", new Document());
        if (!(whenMatched instanceof List) && !List.of("replace", "keepExisting", "merge", "fail").contains(whenMatched)) {
            throw Failure.badValue("Enumeration value '" + whenMatched + "' for field 'whenMatched' is not a valid value.");
        }
        if (!List.of("insert", "discard", "fail").contains(whenNotMatched)) {
            throw Failure.badValue("Enumeration value '" + whenNotMatched + "' for field 'whenNotMatched' is not a valid value.");
        }
        if (!(whenMatched instanceof List) && spec.containsKey("let")) {
            throw Failure.location(51199, "Cannot use 'let' variables with 'whenMatched: " + whenMatched + "' mode");
        }
        if (let.containsKey("new") && !"$$ROOT".equals(let.get("new"))) {
            throw Failure.location(51273, "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'");
        }
        requireUniqueIndex();
    }

    private void requireUniqueIndex() {
        if (on.equals(List.of("_id"))) {
            return;
        }
        Collection collection = target.collection(into);
        if (collection == null || collection.indexes().values().stream().noneMatch(index -> Docs.truthy(index.spec().get("unique"))
            && !index.spec().containsKey("partialFilterExpression")
            && ((Document) index.spec().get("key")).keySet().equals(new java.util.HashSet<>(on)))) {
            throw Failure.location(51183, "Cannot find index to verify that join fields will be unique");
        }
    }

    @Override
    public Iterator<Document> apply(Iterator<Document> input) {
        return Iterators.lazy(() -> {
            List<Document> batch = Iterators.list(input);
            Collection collection = target.db().createIfAbsent(into);
            Writer writer = new Writer(context.store(), collection, null, context.bypassValidation());
            Reader reader = new Reader(collection, null);
            batch.forEach(document -> merge(document, reader, writer));
            return Collections.emptyIterator();
        });
    }

    private void merge(Document given, Reader reader, Writer writer) {
        Document document = given.containsKey("_id") ? given : withId(given);
        Document query = new Document();
        for (String field : on) {
            Object value = new dev.polyshift.standin.query.FieldPath(field).inExpression(document, 0);
            if (Docs.isNullish(value) && !field.equals("_id") || value instanceof List) {
                throw Failure.location(51132, "$merge write error: 'on' field '" + field + "' cannot be missing, null, undefined or an array");
            }
            query.put(field, new Document("$eq", value));
        }
        while (true) {
            Iterator<Document> found = reader.find(query, FilterCompiler.compile(query), null, 0, 1);
            if (!found.hasNext()) {
                if (whenNotMatched.equals("fail")) {
                    throw new Failure(13113, "MergeStageNoMatchingDocument", "$merge could not find a matching document in the target "
                        + "collection for at least one document in the source collection");
                } else if (whenNotMatched.equals("discard")) {
                    return;
                }
                try {
                    writer.insert(whenMatched instanceof List<?> ? Docs.copy(document) : document);
                    return;
                } catch (Failure e) {
                    if (e.getCode() != 11000 || !reader.find(query, FilterCompiler.compile(query), null, 0, 1).hasNext()) {
                        throw e;
                    }
                }
            } else if (change(found.next(), document, writer)) {
                return;
            }
        }
    }

    private static Document withId(Document document) {
        Document result = new Document("_id", ObjectIds.next());
        result.putAll(document);
        return result;
    }

    /** False if somebody else changed the document meanwhile. */
    private boolean change(Document existing, Document document, Writer writer) {
        if (whenMatched.equals("keepExisting")) {
            return true;
        } else if (whenMatched.equals("fail")) {
            throw new Failure(11000, "DuplicateKey", "$merge write error: E11000 duplicate key error collection: "
                + target.database() + "." + into).with("keyValue", new Document("_id", existing.get("_id")));
        }
        Document changed;
        if (whenMatched instanceof List<?> pipeline) {
            Env env = context.env();
            Env source = env.withRoot(document);
            for (Map.Entry<String, Object> variable : let.entrySet()) {
                env = env.with(variable.getKey(), ExprCompiler.compile(variable.getValue(), source).eval(source));
            }
            changed = new PipelineUpdate(pipeline, env.with("new", document)).apply(existing, -1, false);
        } else {
            changed = whenMatched.equals("merge") ? new Document(existing) : new Document("_id", existing.get("_id"));
            changed.putAll(document);
        }
        if (!on.contains("_id") && !(whenMatched instanceof List)) {
            changed.put("_id", existing.get("_id"));
        }
        return Docs.same(existing, changed) || writer.replace(existing, changed, whenMatched.equals("replace"));
    }
}
