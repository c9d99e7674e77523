package dev.polyshift.standin.update;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.aggregate.DocumentStages;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;

/** An update by an aggregation pipeline. Manual: https://www.mongodb.com/docs/manual/tutorial/update-documents-with-aggregation-pipeline/ */
public final class PipelineUpdate implements Update {

    private static final Set<String> ALLOWED = Set.of("$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith");

    private final List<UnaryOperator<Document>> stages = new ArrayList<>();

    /** @param env variables beside the document's own: those of let, and $$new in $merge */
    public PipelineUpdate(List<?> pipeline, Env env) {
        for (Object stage : pipeline) {
            if (!(stage instanceof Document document) || document.size() != 1) {
                throw Failure.location(40323, "A pipeline stage specification object must contain exactly one field.");
            }
            String name = document.keySet().iterator().next();
            if (!ALLOWED.contains(name)) {
                throw new Failure(72, "InvalidOptions", name + " is not allowed to be used within an update");
            }
            stages.add(DocumentStages.compile(name, document.get(name), env));
        }
    }

    @Override
    public Document apply(Document document, int matched, boolean inserting) {
        Document result = document;
        for (UnaryOperator<Document> stage : stages) {
            result = stage.apply(result);
        }
        if (!result.containsKey("_id") && document.containsKey("_id")) {
            Document withId = new Document("_id", document.get("_id"));
            withId.putAll(result);
            return withId;
        }
        return result == document ? Docs.copy(document) : result;
    }
}
