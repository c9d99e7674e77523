package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/ */
final class GroupStage implements Stage {

    private final Env env;
    private final Expr key;
    private final Map<String, Supplier<Accumulator>> fields = new LinkedHashMap<>();

    GroupStage(Document spec, Env env) {
        this.env = env;
        if (!spec.containsKey("_id")) {
            throw Failure.location(15955, "a group specification must include an _id");
        }
        key = ExprCompiler.compile(spec.get("_id"), env);
        spec.forEach((name, value) -> {
            if (!name.equals("_id")) {
                if (!(value instanceof Document accumulator) || accumulator.size() != 1) {
                    throw Failure.location(40234, "The field '" + name + "' must be an accumulator object");
                }
                String operator = accumulator.keySet().iterator().next();
                fields.put(name, Accumulator.factory(operator, accumulator.get(operator), env));
            }
        });
    }

    @Override
    public Iterator<Document> apply(Iterator<Document> input) {
        return Iterators.lazy(() -> {
            Map<Object, List<Accumulator>> groups = new TreeMap<>(BsonOrder.ASCENDING);
            while (input.hasNext()) {
                Document document = input.next();
                Env inner = env.withRoot(document);
                Object id = key.eval(inner);
                List<Accumulator> accumulators = groups.computeIfAbsent(Docs.isMissing(id) ? null : id, absent -> {
                    List<Accumulator> fresh = new ArrayList<>();
                    fields.values().forEach(factory -> fresh.add(factory.get()));
                    return fresh;
                });
                accumulators.forEach(accumulator -> accumulator.add(inner));
            }
            return results(groups).iterator();
        });
    }

    private List<Document> results(Map<Object, List<Accumulator>> groups) {
        List<Document> results = new ArrayList<>();
        groups.forEach((id, accumulators) -> {
            Document result = new Document("_id", id);
            int i = 0;
            for (String name : fields.keySet()) {
                Object value = accumulators.get(i++).result();
                if (!Docs.isMissing(value)) {
                    result.put(name, value);
                }
            }
            results.add(result);
        });
        return results;
    }
}
