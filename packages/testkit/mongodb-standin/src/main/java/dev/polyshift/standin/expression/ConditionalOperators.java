package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;

/** Operators that evaluate only what they need: boolean, conditional, $let and $literal. */
final class ConditionalOperators {

    private ConditionalOperators() {
    }

    static void register(Operators operators) {
        operators.lazy("$literal", spec -> env -> spec);
        operators.lazy("$const", spec -> env -> spec);
        operators.one("$not", value -> !Docs.truthy(value));
        operators.lazy("$and", spec -> {
            Expr[] all = Operators.list(spec);
            return env -> {
                for (Expr expr : all) {
                    if (!Docs.truthy(expr.eval(env))) {
                        return false;
                    }
                }
                return true;
            };
        });
        operators.lazy("$or", spec -> {
            Expr[] all = Operators.list(spec);
            return env -> {
                for (Expr expr : all) {
                    if (Docs.truthy(expr.eval(env))) {
                        return true;
                    }
                }
                return false;
            };
        });
        operators.lazy("$cond", ConditionalOperators::cond);
        operators.lazy("$ifNull", ConditionalOperators::ifNull);
        operators.lazy("$switch", ConditionalOperators::choose);
        operators.lazy("$let", ConditionalOperators::let);
    }

    private static Expr cond(Object spec) {
        Expr condition;
        Expr then;
        Expr otherwise;
        if (spec instanceof List<?> list) {
            if (list.size() != 3) {
                throw Failure.location(16020, "Expression $cond takes exactly 3 arguments. " + list.size() + " were passed in.");
            }
            condition = ExprCompiler.compile(list.get(0));
            then = ExprCompiler.compile(list.get(1));
            otherwise = ExprCompiler.compile(list.get(2));
        } else {
            Document named = Operators.arguments("$cond", spec, List.of("if", "then", "else"), List.of());
            condition = ExprCompiler.compile(named.get("if"));
            then = ExprCompiler.compile(named.get("then"));
            otherwise = ExprCompiler.compile(named.get("else"));
        }
        return env -> Docs.truthy(condition.eval(env)) ? then.eval(env) : otherwise.eval(env);
    }

    private static Expr ifNull(Object spec) {
        Expr[] choices = Operators.list(spec);
        if (choices.length < 2) {
            throw Failure.location(1257300, "$ifNull needs at least two arguments, had: " + choices.length);
        }
        return env -> {
            Object value = null;
            for (Expr choice : choices) {
                value = choice.eval(env);
                if (!Docs.isNullish(value)) {
                    return value;
                }
            }
            return value;
        };
    }

    private static Expr choose(Object spec) {
        Document arguments = Operators.arguments("$switch", spec, List.of("branches"), List.of("default"));
        List<Expr[]> branches = new ArrayList<>();
        for (Object branch : (List<?>) arguments.get("branches")) {
            Document named = Operators.arguments("$switch", branch, List.of("case", "then"), List.of());
            branches.add(new Expr[] {ExprCompiler.compile(named.get("case")), ExprCompiler.compile(named.get("then"))});
        }
        if (branches.isEmpty()) {
            throw Failure.location(40068, "$switch requires at least one branch.");
        }
        Expr otherwise = arguments.containsKey("default") ? ExprCompiler.compile(arguments.get("default")) : env -> {
            throw Failure.location(40066, "$switch could not find a matching branch for an input, and no default was specified.");
        };
        return env -> {
            for (Expr[] branch : branches) {
                if (Docs.truthy(branch[0].eval(env))) {
                    return branch[1].eval(env);
                }
            }
            return otherwise.eval(env);
        };
    }

    private static Expr let(Object spec) {
        Document arguments = Operators.arguments("$let", spec, List.of("vars", "in"), List.of());
        Map<String, Expr> variables = new LinkedHashMap<>();
        ((Document) arguments.get("vars")).forEach((name, value) -> variables.put(name, ExprCompiler.compile(value)));
        Expr in = ExprCompiler.compile(arguments.get("in"));
        return env -> {
            Env inner = env;
            for (Map.Entry<String, Expr> variable : variables.entrySet()) {
                inner = inner.with(variable.getKey(), variable.getValue().eval(env));
            }
            return in.eval(inner);
        };
    }
}
