package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.expression.ExprCompiler;

/** $unionWith, $facet and $documents. */
final class JoinStages {

    private JoinStages() {
    }

    /** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/unionWith/ */
    static Stage unionWith(Object spec, PipelineContext context) {
        String collection = spec instanceof String name ? name : (String) ((Document) spec).get("coll");
        List<?> pipeline = spec instanceof Document options && options.get("pipeline") instanceof List<?> stages ? stages : List.of();
        if (collection == null) {
            Stage all = Pipeline.compile(pipeline, context);
            return input -> concatenate(input, Iterators.lazy(() -> all.apply(java.util.Collections.emptyIterator())));
        }
        return input -> concatenate(input, Iterators.lazy(() -> context.run(collection, pipeline)));
    }

    private static Iterator<Document> concatenate(Iterator<Document> first, Iterator<Document> second) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return first.hasNext() || second.hasNext();
            }

            @Override
            public Document next() {
                return first.hasNext() ? first.next() : second.next();
            }
        };
    }

    /** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/facet/ */
    static Stage facet(Document spec, PipelineContext context) {
        Map<String, Stage> facets = new LinkedHashMap<>();
        spec.forEach((name, pipeline) -> facets.put(name, Pipeline.compile((List<?>) pipeline, context)));
        return input -> Iterators.lazy(() -> {
            List<Document> all = Iterators.list(input);
            Document result = new Document();
            facets.forEach((name, stage) -> result.put(name, new ArrayList<>(Iterators.list(stage.apply(all.iterator())))));
            return List.of(result).iterator();
        });
    }

    /** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/documents/ */
    static Stage documents(Object spec, PipelineContext context) {
        return input -> Iterators.lazy(() -> {
            if (!(ExprCompiler.compile(spec, context.env()).eval(context.env()) instanceof List<?> list)) {
                throw Failure.location(5858203, "$documents must evaluate to an array of objects");
            }
            List<Document> documents = new ArrayList<>();
            list.forEach(element -> documents.add((Document) element));
            return documents.iterator();
        });
    }
}
