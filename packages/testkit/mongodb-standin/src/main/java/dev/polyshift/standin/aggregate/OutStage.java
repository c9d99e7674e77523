package dev.polyshift.standin.aggregate;

import java.util.Collections;
import java.util.Iterator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.store.Collection;
import dev.polyshift.standin.store.Database;
import dev.polyshift.standin.store.Writer;

/** $out: a new collection takes the old one's place, options and indexes. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/out/ */
final class OutStage {

    private OutStage() {
    }

    static Stage compile(Object spec, PipelineContext context) {
        if (context.transaction() != null) {
            throw new Failure(263, "OperationNotSupportedInTransaction", "$out cannot be used in a transaction");
        }
        String database = spec instanceof Document target ? (String) target.get("db") : context.database();
        String collection = spec instanceof Document target ? (String) target.get("coll") : (String) spec;
        return input -> Iterators.lazy(() -> {
            run(input, context.store().database(database), collection, context);
            return Collections.emptyIterator();
        });
    }

    private static void run(Iterator<Document> input, Database database, String name, PipelineContext context) {
        Collection target = database.collection(name);
        Collection fresh = database.create("tmp.agg_out." + java.util.UUID.randomUUID(), target == null ? new Document() : target.options());
        try {
            if (target != null) {
                target.indexes().values().forEach(index -> fresh.createIndex(new Document(index.spec())));
            }
            Writer writer = new Writer(context.store(), fresh, null, context.bypassValidation());
            while (input.hasNext()) {
                writer.insert(input.next());
            }
            database.rename(fresh, name, true);
        } catch (RuntimeException e) {
            database.drop(fresh.name());
            throw e;
        }
    }
}
