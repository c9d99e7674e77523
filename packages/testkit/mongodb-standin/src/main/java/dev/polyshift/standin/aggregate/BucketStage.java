package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.expression.Env;

/** $bucket as a $group by a $switch over the boundaries. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/bucket/ */
final class BucketStage {

    private BucketStage() {
    }

    static Stage compile(Document spec, Env env) {
        List<?> boundaries = (List<?>) spec.get("boundaries");
        if (boundaries == null || boundaries.size() < 2 || !spec.containsKey("groupBy")) {
            throw Failure.location(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
        }
        List<Object> branches = new ArrayList<>();
        for (int i = 0; i + 1 < boundaries.size(); i++) {
            branches.add(new Document("case", new Document("$and", List.of(
                new Document("$gte", java.util.Arrays.asList(spec.get("groupBy"), boundaries.get(i))),
                new Document("$lt", java.util.Arrays.asList(spec.get("groupBy"), boundaries.get(i + 1))))))
                .append("then", new Document("$literal", boundaries.get(i))));
        }
        Document choose = new Document("branches", branches);
        if (spec.containsKey("default")) {
            choose.append("default", new Document("$literal", spec.get("default")));
        }
        Document group = new Document("_id", new Document("$switch", choose));
        group.putAll(spec.get("output") instanceof Document output ? output : new Document("count", new Document("$sum", 1)));
        return new GroupStage(group, env);
    }
}
