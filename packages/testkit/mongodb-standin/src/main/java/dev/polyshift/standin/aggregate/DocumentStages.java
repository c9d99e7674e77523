package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;

/** The stages that make one document of one document; pipelines and updates share them. */
public final class DocumentStages {

    private DocumentStages() {
    }

    public static UnaryOperator<Document> compile(String name, Object spec, Env env) {
        switch (name) {
            case "$set": case "$addFields": return addFields(name, spec, env);
            case "$unset": return unset(spec);
            case "$project": {
                if (!(spec instanceof Document fields)) {
                    throw Failure.location(15969, "$project specification must be an object");
                }
                return Projection.compile("$project", fields, env);
            }
            case "$replaceRoot": {
                if (!(spec instanceof Document document) || !document.containsKey("newRoot")) {
                    throw Failure.location(40231, "no newRoot specified for the $replaceRoot stage");
                }
                return replaceRoot(document.get("newRoot"), env);
            }
            case "$replaceWith": return replaceRoot(spec, env);
            default: throw new IllegalArgumentException(name);
        }
    }

    private static UnaryOperator<Document> replaceRoot(Object spec, Env env) {
        Expr newRoot = ExprCompiler.compile(spec, env);
        return document -> {
            Object value = newRoot.eval(env.withRoot(document));
            if (value instanceof Document root) {
                return root;
            }
            throw Failure.location(40228, "'newRoot' expression must evaluate to an object, but resulting value was: "
                + "of type " + BsonTypes.alias(value));
        };
    }

    private static UnaryOperator<Document> unset(Object spec) {
        Document exclude = new Document();
        for (Object field : spec instanceof List<?> list ? list : List.of(spec)) {
            if (!(field instanceof String name)) {
                throw Failure.location(31002, "$unset specification must be a string or an array containing only string values");
            }
            exclude.put(name, false);
        }
        return Projection.compile("$unset", exclude, Env.empty());
    }

    private static UnaryOperator<Document> addFields(String stage, Object spec, Env env) {
        if (!(spec instanceof Document fields)) {
            throw Failure.location(40272, stage + " specification stage must be an object, got " + BsonTypes.alias(spec));
        }
        if (fields.isEmpty()) {
            return document -> document;
        }
        Fields tree = new Fields(PathTree.of(stage, fields), env);
        return document -> tree.apply(document, env.withRoot(document));
    }

    /** Computed fields, some of them inside others. */
    private static final class Fields {

        private final Map<String, Expr> computed = new LinkedHashMap<>();
        private final Map<String, Fields> nested = new LinkedHashMap<>();

        Fields(PathTree tree, Env env) {
            tree.children.forEach((name, child) -> {
                if (child.isLeaf) {
                    computed.put(name, ExprCompiler.compile(child.leaf, env));
                    nested.put(name, null);
                } else {
                    nested.put(name, new Fields(child, env));
                }
            });
        }

        Document apply(Document document, Env env) {
            Document result = new Document(document);
            nested.forEach((name, fields) -> {
                Object value = fields == null ? computed.get(name).eval(env) : fields.into(document.get(name), env);
                if (Docs.isMissing(value)) {
                    result.remove(name);
                } else {
                    result.put(name, value);
                }
            });
            return result;
        }

        private Object into(Object value, Env env) {
            if (value instanceof List<?> list) {
                List<Object> elements = new ArrayList<>(list.size());
                list.forEach(element -> elements.add(into(element, env)));
                return elements;
            }
            return apply(value instanceof Document document ? document : new Document(), env);
        }
    }
}
