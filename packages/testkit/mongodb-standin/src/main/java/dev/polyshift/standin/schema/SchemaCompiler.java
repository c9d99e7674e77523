package dev.polyshift.standin.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;

/** Compiles $jsonSchema: JSON Schema draft 4 with bsonType, less what MongoDB leaves out. */
public final class SchemaCompiler {

    private static final Set<String> NOT_SUPPORTED = Set.of("$ref", "$schema", "default", "definitions", "format", "id");

    private SchemaCompiler() {
    }

    public static JsonSchema compile(Object spec) {
        return compile("$jsonSchema", spec);
    }

    static JsonSchema compile(String keyword, Object spec) {
        Document schema = object(keyword, spec);
        Document annotations = new Document();
        List<Keyword> keywords = new ArrayList<>();
        if (schema.containsKey("type") && schema.containsKey("bsonType")) {
            throw Failure.parse("Cannot specify both $jsonSchema keywords 'type' and 'bsonType'");
        }
        for (Map.Entry<String, Object> entry : schema.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            switch (name) {
                case "title", "description" -> annotations.put(name, string(name, value));
                case "$comment" -> string(name, value);
                case "type" -> keywords.add(TypeKeywords.type(value));
                case "bsonType" -> keywords.add(TypeKeywords.bsonType(value));
                case "enum" -> keywords.add(TypeKeywords.oneOf(value));
                case "minimum" -> keywords.add(NumberKeywords.minimum(value, schema.get("exclusiveMinimum")));
                case "maximum" -> keywords.add(NumberKeywords.maximum(value, schema.get("exclusiveMaximum")));
                case "exclusiveMinimum" -> NumberKeywords.exclusive(name, value, schema.containsKey("minimum"));
                case "exclusiveMaximum" -> NumberKeywords.exclusive(name, value, schema.containsKey("maximum"));
                case "multipleOf" -> keywords.add(NumberKeywords.multipleOf(value));
                case "minLength", "maxLength" -> keywords.add(NumberKeywords.length(name, value));
                case "pattern" -> keywords.add(NumberKeywords.pattern(value));
                case "items" -> keywords.add(new ArrayKeywords.Items(value));
                case "additionalItems" -> keywords.add(ArrayKeywords.additionalItems(value, schema.get("items")));
                case "minItems", "maxItems" -> keywords.add(ArrayKeywords.count(name, value));
                case "uniqueItems" -> keywords.add(ArrayKeywords.unique(value));
                case "required" -> keywords.add(new ObjectKeywords.Required(value));
                case "properties" -> keywords.add(new ObjectKeywords.Properties(value));
                case "patternProperties" -> keywords.add(new ObjectKeywords.PatternProperties(value));
                case "additionalProperties" -> keywords.add(new ObjectKeywords.Additional(value, schema));
                case "minProperties", "maxProperties" -> keywords.add(ObjectKeywords.count(name, value));
                case "dependencies" -> keywords.add(new ObjectKeywords.Dependencies(value));
                case "allOf", "anyOf", "oneOf" -> keywords.add(new LogicKeywords.Combination(name, value));
                case "not" -> keywords.add(LogicKeywords.not(value));
                default -> throw NOT_SUPPORTED.contains(name)
                    ? Failure.parse("$jsonSchema keyword '" + name + "' is not currently supported")
                    : Failure.parse("Unknown $jsonSchema keyword: " + name);
            }
        }
        return new JsonSchema(annotations, keywords);
    }

    static Document object(String keyword, Object value) {
        if (value instanceof Document document) {
            return document;
        }
        throw Failure.typeMismatch(keyword.startsWith("$") ? keyword + " must be an object"
            : "$jsonSchema keyword '" + keyword + "' must be an object, but found an element of type " + BsonTypes.alias(value));
    }

    static String string(String keyword, Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw Failure.typeMismatch("$jsonSchema keyword '" + keyword + "' must be of type string");
    }

    static boolean bool(String keyword, Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw Failure.typeMismatch("$jsonSchema keyword '" + keyword + "' must be a boolean");
    }

    static Number number(String keyword, Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw Failure.typeMismatch("$jsonSchema keyword '" + keyword + "' must be a number");
    }

    static long count(String keyword, Object value) {
        Long count = dev.polyshift.standin.bson.Numbers.wholeLong(number(keyword, value));
        if (count == null || count < 0) {
            throw Failure.parse("$jsonSchema keyword '" + keyword + "' must be a non-negative integer");
        }
        return count;
    }

    static List<?> nonEmptyArray(String keyword, Object value) {
        if (!(value instanceof List<?> list)) {
            throw Failure.typeMismatch("$jsonSchema keyword '" + keyword + "' must be an array, but found an element of type "
                + BsonTypes.alias(value));
        }
        if (list.isEmpty()) {
            throw Failure.parse("$jsonSchema keyword '" + keyword + "' cannot be an empty array");
        }
        return list;
    }
}
