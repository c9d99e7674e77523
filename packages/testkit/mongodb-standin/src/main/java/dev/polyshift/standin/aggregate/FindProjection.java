package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.query.FilterCompiler;

/** $slice and $elemMatch in a find projection. Manual: https://www.mongodb.com/docs/manual/reference/operator/projection/ */
final class FindProjection {

    private final Map<String, UnaryOperator<Object>> arrays = new LinkedHashMap<>();
    private boolean inclusion;

    /** Takes the operators out of the specification; null if there are none. */
    static FindProjection take(Document spec) {
        FindProjection projection = new FindProjection();
        for (String name : new ArrayList<>(spec.keySet())) {
            if (name.endsWith(".$")) {
                throw Failure.notInStandin("the positional projection '" + name + "'");
            }
            if (spec.get(name) instanceof Document operator && operator.size() == 1) {
                if (operator.containsKey("$slice") && isNumbers(operator.get("$slice"))) {
                    projection.arrays.put(name, slice(operator.get("$slice")));
                    spec.remove(name);
                } else if (operator.containsKey("$elemMatch")) {
                    var condition = FilterCompiler.element(operator.get("$elemMatch"));
                    projection.arrays.put(name, value -> value instanceof List<?> list
                        ? list.stream().filter(condition).findFirst().map(found -> (Object) List.of(found)).orElse(null) : null);
                    projection.inclusion = true;
                    spec.remove(name);
                }
            }
        }
        return projection.arrays.isEmpty() ? null : projection;
    }

    private static boolean isNumbers(Object value) {
        return value instanceof Number || value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance);
    }

    private static UnaryOperator<Object> slice(Object spec) {
        int first = ((Number) (spec instanceof List<?> list ? list.get(0) : spec)).intValue();
        Integer count = spec instanceof List<?> list ? ((Number) list.get(1)).intValue() : null;
        return value -> {
            if (!(value instanceof List<?> list)) {
                return value;
            }
            int size = list.size();
            int from = count == null && first >= 0 ? 0 : first < 0 ? Math.max(0, size + first) : Math.min(first, size);
            int to = count != null ? Math.min(size, from + count) : first < 0 ? size : Math.min(size, first);
            return new ArrayList<>(list.subList(from, to));
        };
    }

    boolean isInclusion() {
        return inclusion;
    }

    Set<String> names() {
        return arrays.keySet();
    }

    Document apply(Document document) {
        if (!inclusion) {
            return apply(document, document);
        }
        Document only = new Document();
        if (document.containsKey("_id")) {
            only.put("_id", document.get("_id"));
        }
        names().forEach(name -> {
            if (document.containsKey(name)) {
                only.put(name, document.get(name));
            }
        });
        return apply(only, document);
    }

    Document apply(Document projected, Document original) {
        Document result = new Document(projected);
        arrays.forEach((name, change) -> {
            if (original.containsKey(name)) {
                Object value = change.apply(original.get(name));
                if (value == null) {
                    result.remove(name);
                } else {
                    result.put(name, value);
                }
            }
        });
        return result;
    }
}
