package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/redact/ */
final class RedactStage {

    private RedactStage() {
    }

    static Stage compile(Object spec, Env env) {
        Expr expr = ExprCompiler.compile(spec, env);
        return input -> Iterators.filter(Iterators.map(input, document -> {
            Document redacted = redact(document, expr, env);
            return redacted == null ? new Document() : redacted;
        }), document -> !document.isEmpty());
    }

    private static Document redact(Document document, Expr expr, Env env) {
        Object decision = expr.eval(env.withRoot(document));
        if ("KEEP".equals(decision)) {
            return document;
        } else if ("PRUNE".equals(decision)) {
            return null;
        } else if (!"DESCEND".equals(decision)) {
            throw Failure.location(17053, "$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE");
        }
        Document result = new Document();
        document.forEach((name, value) -> {
            if (value instanceof Document inner) {
                Document kept = redact(inner, expr, env);
                if (kept != null) {
                    result.put(name, kept);
                }
            } else if (value instanceof List<?> list) {
                List<Object> elements = new ArrayList<>();
                for (Object element : list) {
                    Object kept = element instanceof Document inner ? redact(inner, expr, env) : element;
                    if (kept != null || element == null) {
                        elements.add(kept);
                    }
                }
                result.put(name, elements);
            } else {
                result.put(name, value);
            }
        });
        return result;
    }
}
