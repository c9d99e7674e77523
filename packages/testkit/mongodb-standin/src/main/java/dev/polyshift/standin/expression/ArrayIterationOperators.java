package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;

/** $map, $filter and $reduce, which bind a variable to each element. */
final class ArrayIterationOperators {

    private ArrayIterationOperators() {
    }

    static void register(Operators operators) {
        operators.lazy("$map", ArrayIterationOperators::map);
        operators.lazy("$filter", ArrayIterationOperators::filter);
        operators.lazy("$reduce", ArrayIterationOperators::reduce);
    }

    private static List<?> elements(String name, int code, Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw Failure.location(code, "input to " + name + " must be an array not " + BsonTypes.alias(value));
    }

    private static Expr map(Object spec) {
        Document arguments = Operators.arguments("$map", spec, List.of("input", "in"), List.of("as"));
        String variable = (String) arguments.getOrDefault("as", "this");
        Expr input = ExprCompiler.compile(arguments.get("input"));
        Expr in = ExprCompiler.compile(arguments.get("in"));
        return env -> {
            Object value = input.eval(env);
            if (Docs.isNullish(value)) {
                return null;
            }
            List<Object> mapped = new ArrayList<>();
            for (Object element : elements("$map", 16883, value)) {
                Object result = in.eval(env.with(variable, element));
                mapped.add(Docs.isMissing(result) ? null : result);
            }
            return mapped;
        };
    }

    private static Expr filter(Object spec) {
        Document arguments = Operators.arguments("$filter", spec, List.of("input", "cond"), List.of("as", "limit"));
        String variable = (String) arguments.getOrDefault("as", "this");
        Expr input = ExprCompiler.compile(arguments.get("input"));
        Expr condition = ExprCompiler.compile(arguments.get("cond"));
        Expr limit = ExprCompiler.compile(arguments.get("limit"));
        return env -> {
            Object value = input.eval(env);
            if (Docs.isNullish(value)) {
                return null;
            }
            Object most = limit.eval(env);
            int left = Docs.isNullish(most) ? Integer.MAX_VALUE : Arguments.integer("$filter", most);
            List<Object> kept = new ArrayList<>();
            for (Object element : elements("$filter", 28651, value)) {
                if (kept.size() < left && Docs.truthy(condition.eval(env.with(variable, element)))) {
                    kept.add(element);
                }
            }
            return kept;
        };
    }

    private static Expr reduce(Object spec) {
        Document arguments = Operators.arguments("$reduce", spec, List.of("input", "initialValue", "in"), List.of());
        Expr input = ExprCompiler.compile(arguments.get("input"));
        Expr initial = ExprCompiler.compile(arguments.get("initialValue"));
        Expr in = ExprCompiler.compile(arguments.get("in"));
        return env -> {
            Object value = input.eval(env);
            if (Docs.isNullish(value)) {
                return null;
            }
            Object result = initial.eval(env);
            for (Object element : elements("$reduce", 40080, value)) {
                result = in.eval(env.with("value", result).with("this", element));
            }
            return result;
        };
    }
}
