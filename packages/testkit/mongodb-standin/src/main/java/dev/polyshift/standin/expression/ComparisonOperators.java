package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.List;

import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;

/** Comparisons over all types, and $min, $max. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#comparison-expression-operators */
final class ComparisonOperators {

    private ComparisonOperators() {
    }

    static void register(Operators operators) {
        operators.two("$cmp", a -> Integer.signum(BsonOrder.compare(a[0], a[1])));
        operators.two("$eq", a -> BsonOrder.compare(a[0], a[1]) == 0);
        operators.two("$ne", a -> BsonOrder.compare(a[0], a[1]) != 0);
        operators.two("$gt", a -> BsonOrder.compare(a[0], a[1]) > 0);
        operators.two("$gte", a -> BsonOrder.compare(a[0], a[1]) >= 0);
        operators.two("$lt", a -> BsonOrder.compare(a[0], a[1]) < 0);
        operators.two("$lte", a -> BsonOrder.compare(a[0], a[1]) <= 0);
        operators.any("$min", a -> extreme(ArithmeticOperators.values(a), -1));
        operators.any("$max", a -> extreme(ArithmeticOperators.values(a), 1));
        operators.named("$minN", List.of("input", "n"), List.of(), a -> extremes("$minN", a, 1));
        operators.named("$maxN", List.of("input", "n"), List.of(), a -> extremes("$maxN", a, -1));
    }

    static Object extreme(List<?> values, int sign) {
        Object chosen = null;
        for (Object value : values) {
            if (!Docs.isNullish(value) && (chosen == null || sign * BsonOrder.compare(value, chosen) > 0)) {
                chosen = value;
            }
        }
        return chosen;
    }

    private static List<Object> extremes(String name, Object[] a, int sign) {
        List<Object> sorted = new ArrayList<>(Arguments.array(name, a[0]));
        sorted.removeIf(Docs::isNullish);
        sorted.sort((x, y) -> sign * BsonOrder.compare(x, y));
        return sorted.subList(0, Math.min(sorted.size(), Arguments.integer(name, a[1])));
    }
}
