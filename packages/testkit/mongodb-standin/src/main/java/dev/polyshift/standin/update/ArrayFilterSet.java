package dev.polyshift.standin.update;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.query.FieldPath;
import dev.polyshift.standin.query.FilterCompiler;

/**
 * Turns the positional parts of a path into array indexes: $ (the element the query matched), $[] (all) and $[name]
 * (those that pass an array filter). Manual: https://www.mongodb.com/docs/manual/reference/operator/update/positional-filtered/
 */
final class ArrayFilterSet {

    private final Map<String, Predicate<Object>> filters = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    ArrayFilterSet(List<?> specs) {
        for (Object spec : specs == null ? List.of() : specs) {
            Document filter = (Document) spec;
            if (filter.isEmpty()) {
                throw Failure.parse("Cannot use an expression without a top-level field name in arrayFilters");
            }
            String name = null;
            for (String key : filter.keySet()) {
                String top = key.startsWith("$") ? null : key.split("\\.", 2)[0];
                if (name != null && top != null && !top.equals(name)) {
                    throw Failure.parse("Error parsing array filter :: caused by :: Expected a single top-level field name, found '"
                        + name + "' and '" + top + "'");
                }
                name = top == null ? topLevelName(filter) : top;
            }
            if (filters.put(name, predicate(name, filter)) != null) {
                throw Failure.parse("Found multiple array filters with the same top-level field name " + name);
            }
        }
    }

    private static String topLevelName(Document logical) {
        Object list = logical.values().iterator().next();
        if (list instanceof List<?> parts && !parts.isEmpty() && parts.get(0) instanceof Document first && !first.isEmpty()) {
            String key = first.keySet().iterator().next();
            return key.startsWith("$") ? topLevelName(first) : key.split("\\.", 2)[0];
        }
        throw Failure.parse("Expected a top-level field name in arrayFilters");
    }

    /** The filter is on a document of one field, the element under its name. */
    private static Predicate<Object> predicate(String name, Document filter) {
        var compiled = FilterCompiler.compile(filter);
        return element -> compiled.test(new Document(name, element));
    }

    void use(FieldPath path) {
        for (String part : path.parts()) {
            if (part.startsWith("$[") && part.endsWith("]") && part.length() > 3) {
                String name = part.substring(2, part.length() - 1);
                if (!filters.containsKey(name)) {
                    throw Failure.badValue("No array filter found for identifier '" + name + "' in path '" + path + "'");
                }
                used.add(name);
            }
        }
    }

    void requireAllUsed() {
        for (String name : filters.keySet()) {
            if (!used.contains(name)) {
                throw Failure.parse("The array filter for identifier '" + name + "' was not used in the update");
            }
        }
    }

    List<FieldPath> resolve(Document document, FieldPath path, int matched) {
        if (path.text().indexOf('$') < 0) {
            return List.of(path);
        }
        List<FieldPath> resolved = new ArrayList<>();
        resolve(document, path.parts(), 0, "", matched, resolved);
        return resolved;
    }

    private void resolve(Object value, String[] parts, int at, String prefix, int matched, List<FieldPath> resolved) {
        if (at == parts.length) {
            resolved.add(new FieldPath(prefix));
            return;
        }
        String part = parts[at];
        if (part.equals("$")) {
            if (matched < 0) {
                throw Failure.badValue("The positional operator did not find the match needed from the query.");
            }
            step(value, parts, at, prefix, Integer.toString(matched), matched, resolved);
        } else if (part.startsWith("$[") && part.endsWith("]")) {
            if (!(value instanceof List<?> list)) {
                throw Failure.badValue("The path '" + prefix + "' must exist in the document in order to apply array updates.");
            }
            Predicate<Object> filter = part.length() == 3 ? element -> true : filters.get(part.substring(2, part.length() - 1));
            for (int i = 0; i < list.size(); i++) {
                if (filter.test(list.get(i))) {
                    step(value, parts, at, prefix, Integer.toString(i), matched, resolved);
                }
            }
        } else {
            step(value, parts, at, prefix, part, matched, resolved);
        }
    }

    private void step(Object value, String[] parts, int at, String prefix, String part, int matched, List<FieldPath> resolved) {
        Object child = value instanceof Document document ? document.get(part)
            : value instanceof List<?> list && FieldPath.arrayIndex(part) >= 0 && FieldPath.arrayIndex(part) < list.size()
                ? list.get(FieldPath.arrayIndex(part)) : null;
        resolve(child, parts, at + 1, prefix.isEmpty() ? part : prefix + "." + part, matched, resolved);
    }
}
