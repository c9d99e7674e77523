package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;

/** Arrays as sets. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#set-expression-operators */
final class SetOperators {

    private SetOperators() {
    }

    static void register(Operators operators) {
        operators.any("$setUnion", a -> {
            if (Arguments.anyNullish(a)) {
                return null;
            }
            TreeSet<Object> union = new TreeSet<>(BsonOrder.ASCENDING);
            for (Object set : a) {
                union.addAll(Arguments.array("$setUnion", set));
            }
            return new ArrayList<>(union);
        });
        operators.any("$setIntersection", a -> {
            if (Arguments.anyNullish(a)) {
                return null;
            }
            TreeSet<Object> common = null;
            for (Object set : a) {
                TreeSet<Object> next = set("$setIntersection", set);
                if (common == null) {
                    common = next;
                } else {
                    common.removeIf(element -> !next.contains(element));
                }
            }
            return common == null ? new ArrayList<>() : new ArrayList<>(common);
        });
        operators.two("$setDifference", a -> {
            if (Arguments.anyNullish(a)) {
                return null;
            }
            TreeSet<Object> seen = set("$setDifference", a[1]);
            List<Object> rest = new ArrayList<>();
            for (Object element : Arguments.array("$setDifference", a[0])) {
                if (seen.add(element)) {
                    rest.add(element);
                }
            }
            return rest;
        });
        operators.range("$setEquals", 2, Integer.MAX_VALUE, a -> {
            TreeSet<Object> first = set("$setEquals", a[0]);
            for (Object other : a) {
                TreeSet<Object> next = set("$setEquals", other);
                if (next.size() != first.size() || !first.containsAll(next)) {
                    return false;
                }
            }
            return true;
        });
        operators.two("$setIsSubset", a -> set("$setIsSubset", a[1]).containsAll(Arguments.array("$setIsSubset", a[0])));
        operators.one("$anyElementTrue", value -> Arguments.array("$anyElementTrue", value).stream().anyMatch(Docs::truthy));
        operators.one("$allElementsTrue", value -> Arguments.array("$allElementsTrue", value).stream().allMatch(Docs::truthy));
    }

    private static TreeSet<Object> set(String name, Object value) {
        TreeSet<Object> set = new TreeSet<>(BsonOrder.ASCENDING);
        set.addAll(Arguments.array(name, value));
        return set;
    }
}
