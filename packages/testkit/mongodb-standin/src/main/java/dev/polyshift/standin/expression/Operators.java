package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;

/** The operators by name. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/ */
final class Operators {

    private static final Map<String, Function<Object, Expr>> FACTORIES = new HashMap<>();

    static {
        Operators all = new Operators();
        ArithmeticOperators.register(all);
        RoundingOperators.register(all);
        ComparisonOperators.register(all);
        ConditionalOperators.register(all);
        StringOperators.register(all);
        RegexOperators.register(all);
        ArrayOperators.register(all);
        ArrayIterationOperators.register(all);
        SetOperators.register(all);
        ObjectOperators.register(all);
        Conversions.register(all);
        DateOperators.register(all);
        DateMathOperators.register(all);
    }

    /** What an operator does with its evaluated arguments. */
    interface Body {
        Object apply(Object[] arguments);
    }

    static Expr compile(String name, Object spec) {
        Function<Object, Expr> factory = FACTORIES.get(name);
        if (factory == null) {
            throw new Failure(168, "InvalidPipelineOperator", "Unrecognized expression '" + name + "'");
        }
        return factory.apply(spec);
    }

    /** An operator that decides by itself what of its argument is evaluated, and when. */
    void lazy(String name, Function<Object, Expr> factory) {
        FACTORIES.put(name, factory);
    }

    void one(String name, Function<Object, Object> body) {
        range(name, 1, 1, arguments -> body.apply(arguments[0]));
    }

    void two(String name, Body body) {
        range(name, 2, 2, body);
    }

    void any(String name, Body body) {
        range(name, 0, Integer.MAX_VALUE, body);
    }

    void range(String name, int least, int most, Body body) {
        lazy(name, spec -> {
            Expr[] expressions = list(spec);
            if (expressions.length < least || expressions.length > most) {
                throw Failure.location(least == most ? 16020 : 28667, "Expression " + name + " takes "
                    + (least == most ? "exactly " + least : "at least " + least + " arguments, and at most " + most)
                    + " arguments. " + expressions.length + " were passed in.");
            }
            return env -> body.apply(evaluate(expressions, env));
        });
    }

    /** An operator with named arguments; absent optional ones are Missing. */
    void named(String name, List<String> required, List<String> optional, Body body) {
        lazy(name, spec -> {
            Document arguments = arguments(name, spec, required, optional);
            List<String> names = new ArrayList<>(required);
            names.addAll(optional);
            Expr[] expressions = new Expr[names.size()];
            for (int i = 0; i < expressions.length; i++) {
                expressions[i] = arguments.containsKey(names.get(i))
                    ? ExprCompiler.compile(arguments.get(names.get(i))) : env -> Missing.getInstance();
            }
            return env -> body.apply(evaluate(expressions, env));
        });
    }

    static Document arguments(String name, Object spec, List<String> required, List<String> optional) {
        if (!(spec instanceof Document arguments)) {
            throw Failure.parse(name + " only supports an object as its argument");
        }
        for (String given : arguments.keySet()) {
            if (!required.contains(given) && !optional.contains(given)) {
                throw Failure.parse(name + " found an unknown argument: " + given);
            }
        }
        for (String needed : required) {
            if (!arguments.containsKey(needed)) {
                throw Failure.parse("Missing '" + needed + "' parameter to " + name);
            }
        }
        return arguments;
    }

    static Expr[] list(Object spec) {
        if (spec instanceof List<?> list) {
            return list.stream().map(ExprCompiler::compile).toArray(Expr[]::new);
        }
        return new Expr[] {ExprCompiler.compile(spec)};
    }

    static Object[] evaluate(Expr[] expressions, Env env) {
        Object[] values = new Object[expressions.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = expressions[i].eval(env);
        }
        return values;
    }
}
