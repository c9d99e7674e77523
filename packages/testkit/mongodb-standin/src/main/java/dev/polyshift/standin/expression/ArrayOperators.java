package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.SortOrder;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#array-expression-operators */
final class ArrayOperators {

    private ArrayOperators() {
    }

    static void register(Operators operators) {
        operators.two("$arrayElemAt", a -> Arguments.anyNullish(a) ? null
            : at(Arguments.array("$arrayElemAt", a[0]), Arguments.integer("$arrayElemAt", a[1])));
        operators.one("$first", value -> Docs.isNullish(value) ? null : at(Arguments.array("$first", value), 0));
        operators.one("$last", value -> Docs.isNullish(value) ? null : at(Arguments.array("$last", value), -1));
        operators.named("$firstN", List.of("input", "n"), List.of(), a -> {
            List<?> list = Arguments.array("$firstN", a[0]);
            return new ArrayList<>(list.subList(0, Math.min(list.size(), Arguments.integer("$firstN", a[1]))));
        });
        operators.named("$lastN", List.of("input", "n"), List.of(), a -> {
            List<?> list = Arguments.array("$lastN", a[0]);
            return new ArrayList<>(list.subList(Math.max(0, list.size() - Arguments.integer("$lastN", a[1])), list.size()));
        });
        operators.any("$concatArrays", a -> {
            List<Object> all = new ArrayList<>();
            for (Object part : a) {
                if (Docs.isNullish(part)) {
                    return null;
                }
                all.addAll(Arguments.array("$concatArrays", part));
            }
            return all;
        });
        operators.two("$in", a -> {
            if (!(a[1] instanceof List<?> list)) {
                throw Failure.location(40081, "$in requires an array as a second argument, found: " + BsonTypes.alias(a[1]));
            }
            return list.stream().anyMatch(element -> BsonOrder.equal(element, a[0]));
        });
        operators.range("$indexOfArray", 2, 4, ArrayOperators::indexOf);
        operators.one("$isArray", value -> value instanceof List);
        operators.one("$size", value -> {
            if (!(value instanceof List<?> list)) {
                throw Failure.location(17124, "The argument to $size must be an array, but was of type: " + BsonTypes.alias(value));
            }
            return list.size();
        });
        operators.range("$slice", 2, 3, ArrayOperators::slice);
        operators.range("$range", 2, 3, ArrayOperators::range);
        operators.one("$reverseArray", value -> {
            if (Docs.isNullish(value)) {
                return null;
            }
            List<Object> reversed = new ArrayList<>(Arguments.array("$reverseArray", value));
            Collections.reverse(reversed);
            return reversed;
        });
        operators.named("$zip", List.of("inputs"), List.of("useLongestLength", "defaults"), ArrayOperators::zip);
        sortArray(operators);
    }

    private static Object at(List<?> list, int index) {
        int position = index < 0 ? list.size() + index : index;
        return position >= 0 && position < list.size() ? list.get(position) : Missing.getInstance();
    }

    private static Object indexOf(Object[] a) {
        if (Docs.isNullish(a[0])) {
            return null;
        }
        List<?> list = Arguments.array("$indexOfArray", a[0]);
        int from = a.length > 2 ? Arguments.integer("$indexOfArray", a[2]) : 0;
        int to = a.length > 3 ? Math.min(list.size(), Arguments.integer("$indexOfArray", a[3])) : list.size();
        for (int i = from; i < to; i++) {
            if (BsonOrder.equal(list.get(i), a[1])) {
                return i;
            }
        }
        return -1;
    }

    private static Object slice(Object[] a) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        List<?> list = Arguments.array("$slice", a[0]);
        int size = list.size();
        int first = Arguments.integer("$slice", a[1]);
        int from;
        int to;
        if (a.length == 2) {
            from = first < 0 ? Math.max(0, size + first) : 0;
            to = first < 0 ? size : Math.min(size, first);
        } else {
            int count = Arguments.integer("$slice", a[2]);
            if (count <= 0) {
                throw Failure.location(28729, "Third argument to $slice must be positive: " + count);
            }
            from = first < 0 ? Math.max(0, size + first) : Math.min(size, first);
            to = (int) Math.min(size, (long) from + count);
        }
        return new ArrayList<>(list.subList(from, to));
    }

    private static Object range(Object[] a) {
        int from = Arguments.integer("$range", a[0]);
        int to = Arguments.integer("$range", a[1]);
        int step = a.length == 3 ? Arguments.integer("$range", a[2]) : 1;
        if (step == 0) {
            throw Failure.location(34449, "$range requires a non-zero step value");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            numbers.add((int) i);
        }
        return numbers;
    }

    private static Object zip(Object[] a) {
        if (Docs.isNullish(a[0])) {
            return null;
        }
        List<?> inputs = Arguments.array("$zip", a[0]);
        boolean longest = Docs.truthy(a[1]);
        int length = longest ? 0 : Integer.MAX_VALUE;
        for (Object input : inputs) {
            if (Docs.isNullish(input)) {
                return null;
            }
            int size = Arguments.array("$zip", input).size();
            length = longest ? Math.max(length, size) : Math.min(length, size);
        }
        List<Object> rows = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            List<Object> row = new ArrayList<>();
            for (int k = 0; k < inputs.size(); k++) {
                List<?> input = (List<?>) inputs.get(k);
                row.add(i < input.size() ? input.get(i) : a[2] instanceof List<?> defaults ? defaults.get(k) : null);
            }
            rows.add(row);
        }
        return rows;
    }

    private static void sortArray(Operators operators) {
        operators.lazy("$sortArray", spec -> {
            Document arguments = Operators.arguments("$sortArray", spec, List.of("input", "sortBy"), List.of());
            Expr input = ExprCompiler.compile(arguments.get("input"));
            java.util.Comparator<Object> order;
            if (arguments.get("sortBy") instanceof Document by) {
                SortOrder documents = new SortOrder(by);
                order = (x, y) -> x instanceof Document left && y instanceof Document right
                    ? documents.compare(left, right) : BsonOrder.compare(x, y);
            } else {
                int direction = Arguments.integer("$sortArray", arguments.get("sortBy"));
                order = (x, y) -> direction * BsonOrder.compare(x, y);
            }
            return env -> {
                Object value = input.eval(env);
                if (Docs.isNullish(value)) {
                    return null;
                }
                List<Object> sorted = new ArrayList<>(Arguments.array("$sortArray", value));
                sorted.sort(order);
                return sorted;
            };
        });
    }
}
