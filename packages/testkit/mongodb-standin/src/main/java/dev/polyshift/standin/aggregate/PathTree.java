package dev.polyshift.standin.aggregate;

import java.util.LinkedHashMap;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.query.FieldPath;

/** The fields of a $project or $addFields specification as a tree; {"a.b": x} and {a: {b: x}} are the same. */
final class PathTree {

    final Map<String, PathTree> children = new LinkedHashMap<>();
    Object leaf;
    boolean isLeaf;

    static PathTree of(String stage, Document spec) {
        if (spec.isEmpty()) {
            throw Failure.location(51272, "Invalid " + stage + " :: caused by :: projection specification must have at least one field");
        }
        PathTree root = new PathTree();
        spec.forEach((name, value) -> root.add(stage, new FieldPath(name).requireNonEmptyParts().parts(), 0, value));
        return root;
    }

    private void add(String stage, String[] parts, int at, Object value) {
        if (parts[at].startsWith("$")) {
            throw Failure.location(16410, "Invalid " + stage + " :: caused by :: FieldPath field names may not start with '$'. "
                + "Consider using $getField or $setField.");
        }
        PathTree child = children.computeIfAbsent(parts[at], name -> new PathTree());
        boolean last = at == parts.length - 1;
        boolean nested = last && value instanceof Document document && !document.isEmpty()
            && !document.keySet().iterator().next().startsWith("$");
        if (child.isLeaf || last && !nested && !child.children.isEmpty()) {
            throw Failure.location(31249, "Invalid " + stage + " :: caused by :: Path collision at " + String.join(".", parts));
        }
        if (!last) {
            child.add(stage, parts, at + 1, value);
        } else if (nested) {
            ((Document) value).forEach((name, inner) -> child.add(stage, new FieldPath(name).requireNonEmptyParts().parts(), 0, inner));
        } else {
            child.leaf = value;
            child.isLeaf = true;
        }
    }

    /** Whether any leaf is other than the number or boolean that includes or excludes a field. */
    static boolean isFlag(Object leaf) {
        return leaf instanceof Number || leaf instanceof Boolean;
    }
}
