package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.query.Filter;
import dev.polyshift.standin.query.FilterCompiler;
import dev.polyshift.standin.query.SortOrder;

/** Compiles the stages of a pipeline. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
public final class Pipeline {

    private Pipeline() {
    }

    static Document stage(Object spec) {
        if (!(spec instanceof Document stage)) {
            throw Failure.typeMismatch("Each element of the 'pipeline' array must be an object");
        }
        if (stage.size() != 1) {
            throw Failure.location(40323, "A pipeline stage specification object must contain exactly one field.");
        }
        return stage;
    }

    public static Stage compile(List<?> specs, PipelineContext context) {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            Document spec = stage(specs.get(i));
            String name = spec.keySet().iterator().next();
            if ((name.equals("$out") || name.equals("$merge")) && i < specs.size() - 1) {
                throw Failure.location(40601, name + " can only be the final stage in the pipeline");
            }
            stages.add(compile(name, spec.get(name), context));
        }
        return input -> {
            var current = input;
            for (Stage stage : stages) {
                current = stage.apply(current);
            }
            return current;
        };
    }

    private static Stage compile(String name, Object spec, PipelineContext context) {
        switch (name) {
            case "$match": {
                if (!(spec instanceof Document query)) {
                    throw Failure.location(15959, "the match filter must be an expression in an object");
                }
                Filter filter = FilterCompiler.compile(query, context.env());
                return input -> Iterators.filter(input, filter::test);
            }
            case "$set": case "$addFields": case "$unset": case "$project": case "$replaceRoot": case "$replaceWith": {
                var change = DocumentStages.compile(name, spec, context.env());
                return input -> Iterators.map(input, change);
            }
            case "$skip": {
                long skip = whole(name, spec);
                return input -> Iterators.lazy(() -> {
                    for (long i = 0; i < skip && input.hasNext(); i++) {
                        input.next();
                    }
                    return input;
                });
            }
            case "$limit": {
                long limit = whole(name, spec);
                if (limit == 0) {
                    throw Failure.location(15958, "the limit must be positive");
                }
                return input -> Iterators.limit(input, limit);
            }
            case "$sort": {
                SortOrder order = new SortOrder((Document) spec);
                return input -> Iterators.lazy(() -> {
                    List<Document> all = Iterators.list(input);
                    all.sort(order);
                    return all.iterator();
                });
            }
            case "$sample": {
                int size = (int) whole(name, ((Document) spec).get("size"));
                return input -> Iterators.lazy(() -> {
                    List<Document> all = Iterators.list(input);
                    Collections.shuffle(all);
                    return all.subList(0, Math.min(size, all.size())).iterator();
                });
            }
            case "$count": {
                return input -> Iterators.lazy(() -> {
                    long count = 0;
                    for (; input.hasNext(); input.next()) {
                        count++;
                    }
                    return count == 0 ? Collections.emptyIterator() : List.of(new Document((String) spec, (int) count)).iterator();
                });
            }
            case "$group": return new GroupStage((Document) spec, context.env());
            case "$sortByCount": {
                Stage group = new GroupStage(new Document("_id", spec).append("count", new Document("$sum", 1)), context.env());
                Stage sort = compile("$sort", new Document("count", -1), context);
                return input -> sort.apply(group.apply(input));
            }
            case "$bucket": return BucketStage.compile((Document) spec, context.env());
            case "$unwind": return UnwindStage.compile(spec);
            case "$lookup": return LookupStage.compile((Document) spec, context);
            case "$graphLookup": return new GraphLookupStage((Document) spec, context);
            case "$unionWith": return JoinStages.unionWith(spec, context);
            case "$facet": return JoinStages.facet((Document) spec, context);
            case "$documents": return JoinStages.documents(spec, context);
            case "$redact": return RedactStage.compile(spec, context.env());
            case "$out": return OutStage.compile(spec, context);
            case "$merge": return new MergeStage(spec, context);
            case "$collStats": case "$indexStats": case "$changeStream": case "$currentOp": case "$listSessions":
                throw Failure.location(40602, name + " is only valid as the first stage in a pipeline");
            default:
                throw Failure.location(40324, "Unrecognized pipeline stage name: '" + name + "'");
        }
    }

    private static long whole(String name, Object value) {
        Long number = Numbers.wholeLong(value);
        if (number == null || number < 0) {
            throw Failure.location(5107200, "invalid argument to " + name + " stage: Expected a non-negative number in: " + name + ": " + value);
        }
        return number;
    }
}
