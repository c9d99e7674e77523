package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.query.FieldPath;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/ */
final class LookupStage {

    private LookupStage() {
    }

    static Stage compile(Document spec, PipelineContext context) {
        String as = (String) spec.get("as");
        String from = (String) spec.get("from");
        boolean byField = spec.containsKey("localField");
        List<?> pipeline = spec.get("pipeline") instanceof List<?> stages ? stages : List.of();
        if (!byField || !pipeline.isEmpty()) {
            return input -> Iterators.map(input, document -> joined(document, as, perDocument(spec, from, pipeline, byField, document, context)));
        }
        FieldPath local = new FieldPath((String) spec.get("localField"));
        FieldPath foreign = new FieldPath((String) spec.get("foreignField"));
        return input -> Iterators.lazy(() -> {
            Map<Object, List<Document>> table = hash(context, from, foreign);
            return Iterators.map(input, document -> {
                List<Object> values = localValues(document, local);
                if (values.size() == 1) {
                    return joined(document, as, table.getOrDefault(values.get(0), List.of()));
                }
                List<Document> found = new ArrayList<>();
                for (Object value : values) {
                    for (Document match : table.getOrDefault(value, List.of())) {
                        if (found.stream().noneMatch(other -> other == match)) {
                            found.add(match);
                        }
                    }
                }
                return joined(document, as, found);
            });
        });
    }

    /** The whole foreign collection by its key, so that each lookup is one step. */
    private static Map<Object, List<Document>> hash(PipelineContext context, String from, FieldPath foreign) {
        Map<Object, List<Document>> table = new TreeMap<>(BsonOrder.ASCENDING);
        context.run(from, List.of()).forEachRemaining(document -> {
            List<Object> keys = foreign.keys(document);
            for (Object key : keys) {
                List<Document> matches = table.computeIfAbsent(key, absent -> new ArrayList<>(1));
                if (matches.isEmpty() || matches.get(matches.size() - 1) != document) {
                    matches.add(document);
                }
            }
        });
        return table;
    }

    private static List<Object> localValues(Document document, FieldPath local) {
        Object value = local.inExpression(document, 0);
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        List<Object> one = new ArrayList<>(1);
        one.add(dev.polyshift.standin.bson.Docs.isMissing(value) ? null : value);
        return one;
    }

    private static List<Document> perDocument(Document spec, String from, List<?> pipeline, boolean byField, Document document,
                                              PipelineContext context) {
        Env env = context.env();
        if (spec.get("let") instanceof Document let) {
            Env outer = env.withRoot(document);
            for (Map.Entry<String, Object> entry : let.entrySet()) {
                env = env.with(entry.getKey(), ExprCompiler.compile(entry.getValue(), outer).eval(outer));
            }
        }
        List<Object> stages = new ArrayList<>();
        if (byField) {
            List<Object> values = localValues(document, new FieldPath((String) spec.get("localField")));
            stages.add(new Document("$match", new Document((String) spec.get("foreignField"), new Document("$in", values))));
        }
        stages.addAll(pipeline);
        return Iterators.list(context.with(env).run(from == null ? "" : from, stages));
    }

    private static Document joined(Document document, String as, List<Document> found) {
        return DocumentStages.compile("$addFields", new Document(as, new Document("$literal", new ArrayList<>(found))),
            Env.empty()).apply(document);
    }
}
