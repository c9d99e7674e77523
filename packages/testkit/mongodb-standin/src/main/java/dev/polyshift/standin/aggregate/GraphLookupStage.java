package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.query.FieldPath;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/graphLookup/ */
final class GraphLookupStage implements Stage {

    private final Document spec;
    private final PipelineContext context;
    private final Expr start;
    private final FieldPath connectFrom;

    GraphLookupStage(Document spec, PipelineContext context) {
        this.spec = spec;
        this.context = context;
        start = ExprCompiler.compile(spec.get("startWith"), context.env());
        connectFrom = new FieldPath((String) spec.get("connectFromField"));
    }

    @Override
    public Iterator<Document> apply(Iterator<Document> input) {
        return Iterators.map(input, document -> {
            Document result = new Document(document);
            result.put((String) spec.get("as"), walk(start.eval(context.env().withRoot(document))));
            return result;
        });
    }

    private List<Object> walk(Object first) {
        TreeMap<Object, Document> found = new TreeMap<>(BsonOrder.ASCENDING);
        long deepest = spec.get("maxDepth") instanceof Number depth ? depth.longValue() : Long.MAX_VALUE;
        List<Object> frontier = new ArrayList<>(first instanceof List<?> list ? list : java.util.Collections.singletonList(first));
        for (long depth = 0; depth <= deepest && !frontier.isEmpty(); depth++) {
            List<Object> stages = new ArrayList<>();
            stages.add(new Document("$match", new Document((String) spec.get("connectToField"), new Document("$in", frontier))));
            if (spec.get("restrictSearchWithMatch") instanceof Document restriction) {
                stages.add(new Document("$match", restriction));
            }
            List<Object> next = new ArrayList<>();
            Iterator<Document> level = context.run((String) spec.get("from"), stages);
            while (level.hasNext()) {
                Document document = level.next();
                if (!found.containsKey(document.get("_id"))) {
                    Document kept = new Document(document);
                    if (spec.get("depthField") instanceof String field) {
                        kept.put(field, depth);
                    }
                    found.put(document.get("_id"), kept);
                    Object value = connectFrom.inExpression(document, 0);
                    if (value instanceof List<?> list) {
                        next.addAll(list);
                    } else if (!Docs.isNullish(value)) {
                        next.add(value);
                    }
                }
            }
            frontier = next;
        }
        return new ArrayList<>(found.values());
    }
}
