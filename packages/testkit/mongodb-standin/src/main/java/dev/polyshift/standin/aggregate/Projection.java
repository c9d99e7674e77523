package dev.polyshift.standin.aggregate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.Expr;
import dev.polyshift.standin.expression.ExprCompiler;

/** Projections of find and $project. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/ */
public final class Projection {

    private final boolean including;
    private final Map<String, Projection> nested = new LinkedHashMap<>();
    private final Map<String, Boolean> flags = new LinkedHashMap<>();
    private final Map<String, Expr> computed = new LinkedHashMap<>();

    private Projection(boolean including) {
        this.including = including;
    }

    /** @param stage "find" also takes $slice and $elemMatch */
    public static UnaryOperator<Document> compile(String stage, Document spec, Env env) {
        boolean find = stage.equals("find");
        Document fields = new Document(spec);
        FindProjection arrays = find ? FindProjection.take(fields) : null;
        if (fields.isEmpty() && arrays != null) {
            return arrays::apply;
        }
        PathTree tree = PathTree.of(stage, fields);
        Boolean mode = mode(stage, tree, true);
        boolean onlyId = mode == null;
        boolean including = onlyId ? isTrue(tree.children.get("_id").leaf) : mode;
        if (arrays != null && onlyId && !arrays.isInclusion()) {
            including = false;
        } else if (arrays != null && arrays.isInclusion() && !including && onlyId) {
            including = true;
        }
        Projection projection = new Projection(including);
        projection.add(tree, env, true);
        if (arrays != null && including) {
            arrays.names().forEach(name -> projection.flags.put(name, true));
        }
        UnaryOperator<Document> plain = document -> projection.root(document, env.withRoot(document));
        return arrays == null ? plain : document -> arrays.apply(plain.apply(document), document);
    }

    /** True for inclusion, false for exclusion, null where only _id is named. */
    private static Boolean mode(String stage, PathTree tree, boolean root) {
        Boolean mode = null;
        for (Map.Entry<String, PathTree> entry : tree.children.entrySet()) {
            PathTree child = entry.getValue();
            Boolean wanted;
            if (!child.isLeaf) {
                wanted = mode(stage, child, false);
            } else if (!PathTree.isFlag(child.leaf)) {
                wanted = true;
            } else if (root && entry.getKey().equals("_id")) {
                continue;
            } else {
                wanted = isTrue(child.leaf);
            }
            if (mode != null && wanted != null && !mode.equals(wanted)) {
                throw Failure.location(mode ? 31254 : 31253, "Invalid " + stage + " :: caused by :: Cannot do "
                    + (wanted ? "inclusion" : "exclusion") + " on field " + entry.getKey() + " in "
                    + (mode ? "inclusion" : "exclusion") + " projection");
            }
            mode = mode == null ? wanted : mode;
        }
        return mode;
    }

    private static boolean isTrue(Object flag) {
        return Docs.truthy(flag);
    }

    private void add(PathTree tree, Env env, boolean root) {
        tree.children.forEach((name, child) -> {
            if (!child.isLeaf) {
                Projection inner = new Projection(including);
                inner.add(child, env, false);
                nested.put(name, inner);
            } else if (PathTree.isFlag(child.leaf)) {
                flags.put(name, isTrue(child.leaf));
            } else {
                computed.put(name, ExprCompiler.compile(child.leaf, env));
            }
        });
        if (root && including && !flags.containsKey("_id") && !computed.containsKey("_id") && !nested.containsKey("_id")) {
            flags.put("_id", true);
        }
    }

    private Document root(Document document, Env env) {
        Document result = apply(document, env);
        if (including && result.containsKey("_id") && !result.keySet().iterator().next().equals("_id")) {
            Document idFirst = new Document("_id", result.get("_id"));
            result.forEach((name, value) -> {
                if (!name.equals("_id")) {
                    idFirst.put(name, value);
                }
            });
            return idFirst;
        }
        return result;
    }

    private Document apply(Document document, Env env) {
        Document result = new Document();
        for (Map.Entry<String, Object> entry : document.entrySet()) {
            String name = entry.getKey();
            Projection inner = nested.get(name);
            if (inner != null) {
                Object value = inner.into(entry.getValue(), env);
                if (!Docs.isMissing(value)) {
                    result.put(name, value);
                }
            } else if (flags.getOrDefault(name, !including) && !computed.containsKey(name)) {
                result.put(name, entry.getValue());
            }
        }
        nested.forEach((name, inner) -> {
            if (!document.containsKey(name) && inner.computes()) {
                result.put(name, inner.apply(new Document(), env));
            }
        });
        computed.forEach((name, expr) -> {
            Object value = expr.eval(env);
            if (!Docs.isMissing(value)) {
                result.put(name, value);
            }
        });
        return result;
    }

    private boolean computes() {
        return !computed.isEmpty() || nested.values().stream().anyMatch(Projection::computes);
    }

    private Object into(Object value, Env env) {
        if (value instanceof Document document) {
            return apply(document, env);
        }
        if (value instanceof List<?> list) {
            List<Object> elements = new ArrayList<>();
            for (Object element : list) {
                Object projected = into(element, env);
                if (!Docs.isMissing(projected)) {
                    elements.add(projected);
                }
            }
            return elements;
        }
        return computes() ? apply(new Document(), env) : including ? de.bwaldvogel.mongo.backend.Missing.getInstance() : value;
    }
}
