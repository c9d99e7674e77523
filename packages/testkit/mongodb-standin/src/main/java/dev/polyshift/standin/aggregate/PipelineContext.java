package dev.polyshift.standin.aggregate;

import java.util.Iterator;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.session.Transaction;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Database;
import dev.polyshift.standin.store.Namespace;
import dev.polyshift.standin.store.Reader;
import dev.polyshift.standin.store.Store;
import dev.polyshift.standin.store.View;

/** Where a pipeline runs: the store as its reader sees it, its database, and the variables in scope. */
public record PipelineContext(Store store, String database, Transaction transaction, Env env, boolean bypassValidation) {

    PipelineContext with(Env inner) {
        return new PipelineContext(store, database, transaction, inner, bypassValidation);
    }

    PipelineContext in(String otherDatabase) {
        return new PipelineContext(store, otherDatabase, transaction, env, bypassValidation);
    }

    Database db() {
        return store.database(database);
    }

    /** The collection as this reader sees it, or null. */
    Collection collection(String name) {
        return transaction == null ? db().collection(name) : transaction.visible(db(), name);
    }

    Reader reader(String name) {
        return new Reader(collection(name), transaction);
    }

    /**
     * Runs a pipeline over a collection or view. Leading $match, $sort, $skip and $limit go to the collection, where
     * they can use an index.
     */
    public Iterator<Document> run(String collection, List<?> stages) {
        Namespace namespace = db().find(collection);
        if (namespace instanceof View view) {
            Iterator<Document> viewed = run(view.viewOn(), view.pipeline());
            return Pipeline.compile(stages, this).apply(viewed);
        }
        Document match = new Document();
        Document sort = null;
        int skip = 0;
        int limit = 0;
        int at = 0;
        for (; at < stages.size(); at++) {
            Document stage = Pipeline.stage(stages.get(at));
            String name = stage.keySet().iterator().next();
            if (name.equals("$match") && at == 0 && stage.get(name) instanceof Document query) {
                match = query;
            } else if (name.equals("$sort") && sort == null && at <= 1 && stage.get(name) instanceof Document order
                && order.values().stream().allMatch(Number.class::isInstance)) {
                sort = order;
            } else if (name.equals("$limit") && limit == 0 && stage.get(name) instanceof Number count && count.longValue() > 0
                && count.longValue() < Integer.MAX_VALUE) {
                limit = count.intValue();
                at++;
                break;
            } else {
                break;
            }
        }
        Filter filter = FilterCompiler.compile(match, env);
        Stage rest = Pipeline.compile(stages.subList(at, stages.size()), this);
        return rest.apply(reader(collection).find(match, filter, sort, skip, limit));
    }
}
