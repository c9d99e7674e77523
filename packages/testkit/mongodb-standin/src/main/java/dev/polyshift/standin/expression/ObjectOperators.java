package dev.polyshift.standin.expression;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#object-expression-operators */
final class ObjectOperators {

    private ObjectOperators() {
    }

    static void register(Operators operators) {
        operators.any("$mergeObjects", a -> {
            Document merged = new Document();
            for (Object part : ArithmeticOperators.values(a)) {
                if (part instanceof Document document) {
                    merged.putAll(document);
                } else if (!Docs.isNullish(part)) {
                    throw Failure.location(40400, "$mergeObjects requires object inputs, but input is of type " + BsonTypes.alias(part));
                }
            }
            return merged;
        });
        operators.one("$objectToArray", value -> {
            if (Docs.isNullish(value)) {
                return null;
            }
            if (!(value instanceof Document document)) {
                throw Failure.location(40390, "$objectToArray requires a document input, found: " + BsonTypes.alias(value));
            }
            List<Object> pairs = new ArrayList<>();
            document.forEach((k, v) -> pairs.add(new Document("k", k).append("v", v)));
            return pairs;
        });
        operators.one("$arrayToObject", ObjectOperators::arrayToObject);
        operators.lazy("$getField", ObjectOperators::getField);
        operators.lazy("$setField", spec -> setField("$setField",
            Operators.arguments("$setField", spec, List.of("field", "input", "value"), List.of())));
        operators.lazy("$unsetField", spec -> setField("$unsetField",
            new Document(Operators.arguments("$unsetField", spec, List.of("field", "input"), List.of())).append("value", "$$REMOVE")));
        operators.one("$bsonSize", value -> Docs.isNullish(value) ? null : Docs.size((Document) value));
        operators.one("$binarySize", value -> Docs.isNullish(value) ? null : value instanceof String text
            ? (Object) Docs.utf8Length(text) : BsonOrder.binary(value).data().length);
    }

    private static Object arrayToObject(Object value) {
        if (Docs.isNullish(value)) {
            return null;
        }
        if (!(value instanceof List<?> list)) {
            throw Failure.location(40386, "$arrayToObject requires an array input, found: " + BsonTypes.alias(value));
        }
        Document object = new Document();
        for (Object pair : list) {
            Object key;
            Object found;
            if (pair instanceof List<?> two && two.size() == 2) {
                key = two.get(0);
                found = two.get(1);
            } else if (pair instanceof Document named && named.size() == 2 && named.containsKey("k") && named.containsKey("v")) {
                key = named.get("k");
                found = named.get("v");
            } else {
                throw Failure.location(40398, "Unrecognised input type format for $arrayToObject: " + BsonTypes.alias(pair));
            }
            if (!(key instanceof String name)) {
                throw Failure.location(40394, "$arrayToObject requires keys of type string, found: " + BsonTypes.alias(key));
            }
            object.put(name, found);
        }
        return object;
    }

    private static Expr getField(Object spec) {
        boolean named = spec instanceof Document document && document.containsKey("field");
        Expr field = ExprCompiler.compile(named ? ((Document) spec).get("field") : spec);
        Expr input = named && ((Document) spec).containsKey("input")
            ? ExprCompiler.compile(((Document) spec).get("input")) : Env::root;
        return env -> {
            if (!(field.eval(env) instanceof String name)) {
                throw Failure.location(5654602, "$getField requires 'field' to evaluate to a constant string");
            }
            Object object = input.eval(env);
            return object instanceof Document document ? document.getOrMissing(name)
                : object == null ? null : Missing.getInstance();
        };
    }

    private static Expr setField(String operator, Document arguments) {
        Expr field = ExprCompiler.compile(arguments.get("field"));
        Expr input = ExprCompiler.compile(arguments.get("input"));
        Expr value = ExprCompiler.compile(arguments.get("value"));
        return env -> {
            if (!(field.eval(env) instanceof String name)) {
                throw Failure.location(4161107, operator + " requires 'field' to evaluate to a constant string");
            }
            Object object = input.eval(env);
            if (Docs.isNullish(object)) {
                return null;
            }
            if (!(object instanceof Document document)) {
                throw Failure.location(4161105, operator + " requires 'input' to evaluate to type Object");
            }
            Document changed = new Document(document);
            Object set = value.eval(env);
            if (Docs.isMissing(set)) {
                changed.remove(name);
            } else {
                changed.put(name, set);
            }
            return changed;
        };
    }
}
