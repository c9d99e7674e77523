package dev.polyshift.standin.update;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.query.FieldPath;

/** Manual: https://www.mongodb.com/docs/manual/reference/command/update/ */
public final class UpdateCompiler {

    private UpdateCompiler() {
    }

    public static Update compile(Object spec, List<?> arrayFilters, boolean multi, Env env) {
        if (spec instanceof List<?> pipeline) {
            if (arrayFilters != null && !arrayFilters.isEmpty()) {
                throw Failure.parse("arrayFilters may not be specified for pipeline-style updates");
            }
            return new PipelineUpdate(pipeline, env);
        }
        if (!(spec instanceof Document document)) {
            throw Failure.parse("Update argument must be either an object or an array");
        }
        if (document.isEmpty() || !document.keySet().iterator().next().startsWith("$")) {
            if (multi) {
                throw Failure.parse("multi update is not supported for replacement-style update");
            }
            return replacement(document);
        }
        return operators(document, new ArrayFilterSet(arrayFilters));
    }

    private static Update replacement(Document replacement) {
        for (String name : replacement.keySet()) {
            if (name.startsWith("$")) {
                throw new Failure(52, "DollarPrefixedFieldName", "The dollar ($) prefixed field '" + name
                    + "' in '" + name + "' is not allowed in the context of an update's replacement document.");
            }
        }
        return new Update() {
            @Override
            public Document apply(Document document, int matched, boolean inserting) {
                Document result = new Document();
                Object id = document.getOrMissing("_id");
                if (!Docs.isMissing(id)) {
                    result.put("_id", id);
                }
                replacement.forEach((name, value) -> result.put(name, Docs.copyValue(value)));
                return result;
            }

            @Override
            public boolean isReplacement() {
                return true;
            }
        };
    }

    private static Update operators(Document spec, ArrayFilterSet filters) {
        List<FieldChange> changes = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        for (Map.Entry<String, Object> entry : spec.entrySet()) {
            String operator = entry.getKey();
            if (!FieldChanges.isKnown(operator)) {
                throw Failure.parse("Unknown modifier: " + operator
                    + ". Expected a valid update modifier or pipeline-style update specified as an array");
            }
            if (!(entry.getValue() instanceof Document fields)) {
                throw Failure.parse("Modifiers operate on fields but we found type "
                    + dev.polyshift.standin.bson.BsonTypes.alias(entry.getValue()) + " instead. For example: {$mod: {<field>: ...}} not {"
                    + operator + ": ...}");
            }
            fields.forEach((field, value) -> {
                FieldPath path = new FieldPath(field);
                if (field.isEmpty()) {
                    throw new Failure(56, "EmptyFieldName", "An empty update path is not valid.");
                }
                for (String part : path.parts()) {
                    if (part.isEmpty()) {
                        throw new Failure(56, "EmptyFieldName", "The update path '" + field
                            + "' contains an empty field name, which is not allowed.");
                    }
                }
                conflict(paths, field);
                if (operator.equals("$rename")) {
                    conflict(paths, String.valueOf(value));
                }
                filters.use(path);
                changes.add(FieldChanges.compile(operator, path, value));
            });
        }
        filters.requireAllUsed();
        changes.sort(java.util.Comparator.comparing(change -> change.path().text(), UpdateCompiler::byNumberThenName));
        return (document, matched, inserting) -> {
            Document copy = Docs.copy(document);
            for (FieldChange change : changes) {
                if (inserting || !change.onlyOnInsert()) {
                    for (FieldPath path : filters.resolve(copy, change.path(), matched)) {
                        change.apply(copy, path);
                    }
                }
            }
            return copy;
        };
    }

    /** New fields are added in this order: numeric names by number, then others by name. */
    private static int byNumberThenName(String a, String b) {
        int x = FieldPath.arrayIndex(a);
        int y = FieldPath.arrayIndex(b);
        return x >= 0 && y >= 0 ? Integer.compare(x, y) : x >= 0 ? -1 : y >= 0 ? 1 : a.compareTo(b);
    }

    private static void conflict(List<String> paths, String path) {
        for (String other : paths) {
            if (other.equals(path) || other.startsWith(path + ".") || path.startsWith(other + ".")) {
                String shorter = other.length() < path.length() ? other : path;
                throw new Failure(40, "ConflictingUpdateOperators",
                    "Updating the path '" + path + "' would create a conflict at '" + shorter + "'");
            }
        }
        paths.add(path);
    }
}
