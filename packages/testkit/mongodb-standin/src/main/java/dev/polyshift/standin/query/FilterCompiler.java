package dev.polyshift.standin.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;
import dev.polyshift.standin.schema.JsonSchema;
import dev.polyshift.standin.schema.SchemaCompiler;

/** Compiles query documents. Manual: https://www.mongodb.com/docs/manual/reference/operator/query/ */
public final class FilterCompiler {

    private final Env env;
    private final FieldOperators operators = new FieldOperators(this);

    private FilterCompiler(Env env) {
        this.env = env;
    }

    public static Filter compile(Document query) {
        return compile(query, Env.empty());
    }

    /** @param env the variables that $expr sees */
    public static Filter compile(Document query, Env env) {
        return query == null || query.isEmpty() ? Filter.ALL : new FilterCompiler(env).filter(query);
    }

    /** A test of array elements, for $pull and arrayFilters: a query on documents, or operators on the value itself. */
    public static java.util.function.Predicate<Object> element(Object condition) {
        FilterCompiler compiler = new FilterCompiler(Env.empty());
        if (condition instanceof Document document && !FieldOperators.isOperators(document)) {
            Filter filter = compiler.filter(document);
            return value -> value instanceof Document element && filter.test(element);
        }
        Predicate predicate = compiler.operators.condition("", condition);
        return value -> predicate.onValue(value, new Match());
    }

    Filter filter(Document query) {
        List<Filter> all = new ArrayList<>();
        for (Map.Entry<String, Object> entry : query.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            if (name.startsWith("$")) {
                topLevel(name, value, all);
            } else {
                FieldPath path = new FieldPath(name);
                Predicate predicate = operators.condition(name, value);
                all.add((document, match) -> predicate.onPath(document, path, match));
            }
        }
        return and(all);
    }

    private void topLevel(String name, Object value, List<Filter> all) {
        switch (name) {
            case "$and" -> all.add(and(list(name, value)));
            case "$or" -> all.add(or(list(name, value)));
            case "$nor" -> {
                Filter or = or(list(name, value));
                all.add((document, match) -> !or.test(document, new Match()));
            }
            case "$expr" -> {
                Expr expr = ExprCompiler.compile(value, env);
                all.add((document, match) -> Docs.truthy(expr.eval(env.withRoot(document))));
            }
            case "$jsonSchema" -> {
                JsonSchema schema = SchemaCompiler.compile(value);
                all.add((document, match) -> schema.matches(document));
            }
            case "$comment" -> { }
            case "$alwaysTrue" -> { }
            case "$alwaysFalse" -> all.add((document, match) -> false);
            case "$sampleRate" -> {
                double rate = ((Number) value).doubleValue();
                all.add((document, match) -> Math.random() < rate);
            }
            case "$where", "$text" -> throw Failure.notInStandin("the query operator " + name);
            default -> throw Failure.badValue("unknown top level operator: " + name + ". If you have a field name that "
                + "starts with a '$' symbol, consider using $getField or $setField.");
        }
    }

    private List<Filter> list(String name, Object value) {
        if (!(value instanceof List<?> list) || list.isEmpty()) {
            throw Failure.badValue("$and/$or/$nor must be a nonempty array");
        }
        List<Filter> filters = new ArrayList<>();
        for (Object element : list) {
            if (!(element instanceof Document document)) {
                throw Failure.badValue("$or/$and/$nor entries need to be full objects");
            }
            filters.add(filter(document));
        }
        return filters;
    }

    private static Filter and(List<Filter> filters) {
        if (filters.size() == 1) {
            return filters.get(0);
        }
        Filter[] all = filters.toArray(new Filter[0]);
        return (document, match) -> {
            for (Filter filter : all) {
                if (!filter.test(document, match)) {
                    return false;
                }
            }
            return true;
        };
    }

    private static Filter or(List<Filter> filters) {
        return (document, match) -> {
            for (Filter filter : filters) {
                if (filter.test(document, match)) {
                    return true;
                }
            }
            return false;
        };
    }
}
