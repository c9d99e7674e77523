package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.FieldPath;

/** Compiles expressions. Manual: https://www.mongodb.com/docs/manual/meta/aggregation-quick-reference/#expressions */
public final class ExprCompiler {

    private ExprCompiler() {
    }

    /** @param env unused today, but what a compile-time check of variables would need */
    public static Expr compile(Object spec, Env env) {
        return compile(spec);
    }

    public static Expr compile(Object spec) {
        if (spec instanceof String text && text.startsWith("$")) {
            return text.startsWith("$$") ? variable(text.substring(2)) : field(text.substring(1));
        } else if (spec instanceof Document document) {
            return document(document);
        } else if (spec instanceof List<?> list) {
            return array(list);
        }
        return env -> spec;
    }

    private static Expr field(String text) {
        if (text.isEmpty()) {
            throw Failure.location(16872, "'$' by itself is not a valid FieldPath");
        }
        FieldPath path = new FieldPath(text).requireNonEmptyParts();
        if (path.parts().length == 1) {
            return env -> env.root() instanceof Document root ? root.getOrMissing(text) : path.inExpression(env.root(), 0);
        }
        return env -> path.inExpression(env.root(), 0);
    }

    private static Expr variable(String text) {
        FieldPath path = new FieldPath(text).requireNonEmptyParts();
        String name = path.parts()[0];
        if (path.parts().length == 1) {
            return env -> env.get(name);
        }
        return env -> path.inExpression(env.get(name), 1);
    }

    private static Expr document(Document document) {
        if (document.isEmpty()) {
            return env -> new Document();
        }
        String first = document.keySet().iterator().next();
        if (first.startsWith("$")) {
            if (document.size() != 1) {
                throw Failure.location(15983, "An object representing an expression must have exactly one field: "
                    + document.toString(true, "{ ", " }"));
            }
            return Operators.compile(first, document.get(first));
        }
        Map<String, Expr> fields = new LinkedHashMap<>();
        document.forEach((name, value) -> {
            if (name.contains(".")) {
                throw Failure.location(16412, "FieldPath field names may not contain '.'. Consider using $getField or $setField.");
            }
            fields.put(name, compile(value));
        });
        return env -> {
            Document result = new Document();
            for (Map.Entry<String, Expr> field : fields.entrySet()) {
                Object value = field.getValue().eval(env);
                if (!Docs.isMissing(value)) {
                    result.put(field.getKey(), value);
                }
            }
            return result;
        };
    }

    private static Expr array(List<?> list) {
        List<Expr> elements = new ArrayList<>(list.size());
        for (Object element : list) {
            elements.add(compile(element));
        }
        return env -> {
            List<Object> values = new ArrayList<>(elements.size());
            for (Expr element : elements) {
                Object value = element.eval(env);
                values.add(Docs.isMissing(value) ? null : value);
            }
            return values;
        };
    }
}
