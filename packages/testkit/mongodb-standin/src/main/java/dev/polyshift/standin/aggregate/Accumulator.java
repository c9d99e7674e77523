package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.query.SortOrder;

/** What $group keeps for one field of one group. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/#accumulator-operator */
interface Accumulator {

    void add(Env document);

    Object result();

    static Supplier<Accumulator> factory(String operator, Object spec, Env env) {
        Expr expr = ExprCompiler.compile(List.of("$firstN", "$lastN", "$top", "$topN", "$bottom", "$bottomN").contains(operator)
            || operator.equals("$count") ? null : spec, env);
        return switch (operator) {
            case "$sum" -> () -> fold(expr, 0, (sum, value) -> value instanceof Number number
                ? Numbers.apply(Numbers.Operation.ADD, (Number) sum, number) : sum);
            case "$count" -> () -> fold(expr, 0, (sum, value) -> (Integer) sum + 1);
            case "$min" -> () -> fold(expr, null, (least, value) -> !Docs.isNullish(value)
                && (least == null || BsonOrder.compare(value, least) < 0) ? value : least);
            case "$max" -> () -> fold(expr, null, (most, value) -> !Docs.isNullish(value)
                && (most == null || BsonOrder.compare(value, most) > 0) ? value : most);
            case "$mergeObjects" -> () -> fold(expr, new Document(), (merged, value) -> {
                Document both = new Document((Document) merged);
                if (value instanceof Document document) {
                    both.putAll(document);
                }
                return both;
            });
            case "$first" -> () -> collect(expr, values -> values.isEmpty() ? null : values.get(0), 1);
            case "$last" -> () -> fold(expr, null, (last, value) -> Docs.isMissing(value) ? null : value);
            case "$push" -> () -> collect(expr, values -> {
                values.removeIf(Docs::isMissing);
                return values;
            }, Integer.MAX_VALUE);
            case "$addToSet" -> () -> collect(expr, values -> {
                TreeSet<Object> set = new TreeSet<>(BsonOrder.ASCENDING);
                values.removeIf(Docs::isMissing);
                set.addAll(values);
                return new ArrayList<>(set);
            }, Integer.MAX_VALUE);
            case "$avg" -> () -> collect(expr, Statistics::average, Integer.MAX_VALUE);
            case "$stdDevPop" -> () -> collect(expr, values -> Statistics.deviation(values, false), Integer.MAX_VALUE);
            case "$stdDevSamp" -> () -> collect(expr, values -> Statistics.deviation(values, true), Integer.MAX_VALUE);
            case "$firstN", "$lastN" -> {
                Document named = (Document) spec;
                Expr input = ExprCompiler.compile(named.get("input"), env);
                int n = ((Number) named.get("n")).intValue();
                yield () -> collect(input, values -> operator.equals("$firstN") ? values.subList(0, Math.min(n, values.size()))
                    : values.subList(Math.max(0, values.size() - n), values.size()), Integer.MAX_VALUE);
            }
            case "$top", "$topN", "$bottom", "$bottomN" -> () -> new Ranked(operator, (Document) spec, env);
            default -> throw Failure.location(15952, "unknown group operator '" + operator + "'");
        };
    }

    interface Step {
        Object apply(Object before, Object value);
    }

    static Accumulator fold(Expr expr, Object start, Step step) {
        return new Accumulator() {
            private Object state = start;

            @Override
            public void add(Env document) {
                state = step.apply(state, expr.eval(document));
            }

            @Override
            public Object result() {
                return state;
            }
        };
    }

    static Accumulator collect(Expr expr, Function<List<Object>, Object> finish, int most) {
        return new Accumulator() {
            private final List<Object> values = new ArrayList<>();

            @Override
            public void add(Env document) {
                if (values.size() < most) {
                    values.add(expr.eval(document));
                }
            }

            @Override
            public Object result() {
                Object result = finish.apply(values);
                return Docs.isMissing(result) ? null : result;
            }
        };
    }

    /** $top and $bottom: the output of the documents that come first or last in an order. */
    final class Ranked implements Accumulator {

        private final String operator;
        private final SortOrder order;
        private final Expr output;
        private final int n;
        private final List<Document> documents = new ArrayList<>();
        private final Env env;

        Ranked(String operator, Document spec, Env env) {
            this.operator = operator;
            this.env = env;
            order = new SortOrder((Document) spec.get("sortBy"));
            output = ExprCompiler.compile(spec.get("output"), env);
            n = operator.endsWith("N") ? ((Number) spec.get("n")).intValue() : 1;
        }

        @Override
        public void add(Env document) {
            documents.add((Document) document.root());
        }

        @Override
        public Object result() {
            documents.sort(order);
            int size = documents.size();
            List<Document> chosen = operator.startsWith("$top") ? documents.subList(0, Math.min(n, size))
                : documents.subList(Math.max(0, size - n), size);
            List<Object> outputs = new ArrayList<>();
            chosen.forEach(document -> {
                Object value = output.eval(env.withRoot(document));
                outputs.add(Docs.isMissing(value) ? null : value);
            });
            return operator.endsWith("N") ? outputs : outputs.get(0);
        }
    }
}
