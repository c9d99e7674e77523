package dev.polyshift.standin.command;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.ObjectIds;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.query.FieldPath;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.query.Match;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.store.Writer;
import dev.polyshift.standin.update.Update;
import dev.polyshift.standin.update.UpdateCompiler;

/**
 * Updates what matches, or inserts. A document that somebody else changes between match and write is matched again, so
 * that concurrent updates never overwrite each other. Manual: https://www.mongodb.com/docs/manual/reference/command/update/
 */
final class UpdateOperation {

    private static final int UPSERT_TRIES = 20;

    private final Reader reader;
    private final Writer writer;
    private final Document query;
    private final Document sort;
    private final Filter filter;
    private final Update update;
    private final boolean multi;
    private final boolean upsert;
    private int matched;
    private int modified;
    private Document upserted;
    private Document before;
    private Document after;

    private UpdateOperation(Call call, Collection collection, Document query, Document sort, Update update, boolean multi,
                            boolean upsert, Env env) {
        this.reader = new Reader(collection, call.transaction());
        this.writer = new Writer(call.server().store(), collection, call.transaction(), call.flag("bypassDocumentValidation"));
        this.query = query;
        this.sort = sort;
        this.filter = FilterCompiler.compile(query, env);
        this.update = update;
        this.multi = multi;
        this.upsert = upsert;
    }

    /** One entry of an update command's updates. */
    static UpdateOperation of(Call call, Document spec, Collection collection) {
        Call.refuseCollation(spec);
        boolean multi = Docs.truthy(spec.get("multi"));
        Env env = call.env(spec);
        Update update = UpdateCompiler.compile(spec.get("u"), Call.list(spec, "arrayFilters"), multi, env);
        return new UpdateOperation(call, collection, Call.document(spec, "q"), (Document) spec.get("sort"), update, multi,
            Docs.truthy(spec.get("upsert")), env);
    }

    static UpdateOperation ofFindAndModify(Call call, Collection collection) {
        Update update = UpdateCompiler.compile(call.command().get("update"), Call.list(call.command(), "arrayFilters"), false, call.env());
        return new UpdateOperation(call, collection, call.document("query"), call.document("sort"), update, false,
            call.flag("upsert"), call.env());
    }

    void run() {
        for (int tries = 0; ; tries++) {
            boolean changedMeanwhile = match();
            if (matched > 0 || !upsert && !changedMeanwhile) {
                return;
            }
            if (!changedMeanwhile) {
                try {
                    insert();
                    return;
                } catch (Failure e) {
                    boolean lostRace = e.getCode() == 11000 && tries < UPSERT_TRIES
                        && reader.find(query, filter, null, 0, 1).hasNext();
                    if (!lostRace) {
                        throw e;
                    }
                }
            }
        }
    }

    /** True if a document that matched was changed by somebody else, so that another look is due. */
    private boolean match() {
        boolean changedMeanwhile = false;
        Iterator<Document> found = reader.find(query, filter, sort, 0, multi ? 0 : 1);
        while (found.hasNext()) {
            Document document = found.next();
            while (document != null && !change(document)) {
                changedMeanwhile = true;
                Document current = reader.get(document.get("_id"));
                document = current != null && filter.test(current) ? current : null;
            }
            if (!multi && matched > 0) {
                return false;
            }
        }
        return changedMeanwhile && !multi;
    }

    private boolean change(Document document) {
        Match match = new Match();
        filter.test(document, match);
        Document changed = update.apply(document, match.index(), false);
        if (!Docs.same(document, changed)) {
            if (!writer.replace(document, changed, update.isReplacement())) {
                return false;
            }
            modified++;
            after = changed;
        } else {
            after = document;
        }
        before = document;
        matched++;
        return true;
    }

    private void insert() {
        Document start = new Document();
        equalities(query, start);
        Document document = update.apply(start, -1, true);
        if (!document.containsKey("_id")) {
            Document withId = new Document("_id", start.containsKey("_id") ? start.get("_id") : ObjectIds.next());
            withId.putAll(document);
            document = withId;
        }
        if (start.containsKey("_id") && !dev.polyshift.standin.bson.BsonOrder.equal(start.get("_id"), document.get("_id"))) {
            throw new Failure(66, "ImmutableField", "Performing an update on the path '_id' would modify the immutable field '_id'");
        }
        writer.insert(document);
        upserted = document;
        after = document;
    }

    /** The fields an upsert takes from the equalities of its query. */
    private static void equalities(Document query, Document into) {
        for (Map.Entry<String, Object> entry : query.entrySet()) {
            Object value = entry.getValue();
            if (entry.getKey().equals("$and") || entry.getKey().equals("$or") && value instanceof List<?> one && one.size() == 1) {
                ((List<?>) value).forEach(part -> equalities((Document) part, into));
            } else if (!entry.getKey().startsWith("$") && !(value instanceof BsonRegularExpression)) {
                boolean operators = value instanceof Document document && !document.isEmpty()
                    && document.keySet().iterator().next().startsWith("$");
                if (!operators) {
                    set(into, entry.getKey(), value);
                } else if (((Document) value).containsKey("$eq")) {
                    set(into, entry.getKey(), ((Document) value).get("$eq"));
                } else if (((Document) value).get("$in") instanceof List<?> list && list.size() == 1) {
                    set(into, entry.getKey(), list.get(0));
                } else if (((Document) value).get("$all") instanceof List<?> list && list.size() == 1) {
                    set(into, entry.getKey(), list.get(0));
                }
            }
        }
    }

    private static void set(Document into, String path, Object value) {
        Document parent = into;
        String[] parts = new FieldPath(path).parts();
        for (int i = 0; i < parts.length - 1; i++) {
            Object child = parent.get(parts[i]);
            if (!(child instanceof Document)) {
                child = new Document();
                parent.put(parts[i], child);
            }
            parent = (Document) child;
        }
        if (parent.containsKey(parts[parts.length - 1])) {
            throw new Failure(54, "NotSingleValueField", "cannot infer query fields to set, path '" + path + "' is matched twice");
        }
        parent.put(parts[parts.length - 1], value);
    }

    int matched() {
        return matched;
    }

    int modified() {
        return modified;
    }

    Document upserted() {
        return upserted;
    }

    Document before() {
        return before;
    }

    Document after() {
        return after;
    }
}
