package dev.polyshift.standin.schema;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonOrder;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.query.TypeCondition;

/** type, bsonType and enum. */
final class TypeKeywords {

    private static final Map<String, Set<Integer>> JSON_TYPES = Map.of("object", Set.of(3), "array", Set.of(4),
        "number", Set.of(1, 16, 18, 19), "boolean", Set.of(8), "string", Set.of(2), "null", Set.of(10));

    private TypeKeywords() {
    }

    static Keyword type(Object spec) {
        Set<Integer> codes = new HashSet<>();
        for (Object name : spec instanceof List<?> ? SchemaCompiler.nonEmptyArray("type", spec) : List.of(spec)) {
            String type = SchemaCompiler.string("type", name);
            if (type.equals("integer")) {
                throw Failure.parse("$jsonSchema type 'integer' is not currently supported.");
            }
            if (!JSON_TYPES.containsKey(type)) {
                throw Failure.parse("Unknown type name alias: " + type);
            }
            codes.addAll(JSON_TYPES.get(type));
        }
        return of("type", spec, codes);
    }

    static Keyword bsonType(Object spec) {
        if (!(spec instanceof String) && !(spec instanceof List)) {
            throw Failure.typeMismatch("$jsonSchema keyword 'bsonType' must be either a string or an array of strings");
        }
        for (Object name : spec instanceof List<?> ? SchemaCompiler.nonEmptyArray("bsonType", spec) : List.of(spec)) {
            SchemaCompiler.string("bsonType", name);
        }
        return of("bsonType", spec, TypeCondition.codes("bsonType", spec));
    }

    private static Keyword of(String name, Object spec, Set<Integer> codes) {
        return Keyword.simple(name, spec, "type did not match",
            value -> Docs.isMissing(value) || codes.contains(BsonTypes.code(value)));
    }

    static Keyword oneOf(Object spec) {
        TreeSet<Object> values = new TreeSet<>(BsonOrder.ASCENDING);
        values.addAll(SchemaCompiler.nonEmptyArray("enum", spec));
        return Keyword.simple("enum", spec, "value was not found in enum", values::contains);
    }
}
