package dev.polyshift.standin.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.query.Regexes;

/** Keywords of objects; values of other types satisfy them. */
final class ObjectKeywords {

    private ObjectKeywords() {
    }

    static final class Required extends Keyword {

        private final List<String> names = new ArrayList<>();

        Required(Object spec) {
            super("required", spec);
            SchemaCompiler.nonEmptyArray("required", spec).forEach(name -> names.add(SchemaCompiler.string("required", name)));
        }

        @Override
        boolean test(Object value) {
            return !(value instanceof Document document) || document.keySet().containsAll(names);
        }

        @Override
        Document explain(Object value) {
            List<String> missing = new ArrayList<>(names);
            missing.removeAll(((Document) value).keySet());
            return specified().append("missingProperties", missing);
        }
    }

    static final class Properties extends Keyword {

        private final Map<String, JsonSchema> schemas = new LinkedHashMap<>();

        Properties(Object spec) {
            super("properties", spec);
            SchemaCompiler.object("properties", spec)
                .forEach((name, schema) -> schemas.put(name, SchemaCompiler.compile("properties", schema)));
        }

        @Override
        boolean test(Object value) {
            if (value instanceof Document document) {
                for (Map.Entry<String, JsonSchema> entry : schemas.entrySet()) {
                    if (document.containsKey(entry.getKey()) && !entry.getValue().matches(document.get(entry.getKey()))) {
                        return false;
                    }
                }
            }
            return true;
        }

        @Override
        Document explain(Object value) {
            Document document = (Document) value;
            List<Object> failing = new ArrayList<>();
            schemas.forEach((name, schema) -> {
                if (document.containsKey(name) && !schema.matches(document.get(name))) {
                    Document property = new Document("propertyName", name);
                    property.putAll(schema.annotations());
                    failing.add(property.append("details", schema.rules(document.get(name))));
                }
            });
            return head().append("propertiesNotSatisfied", failing);
        }
    }

    static final class PatternProperties extends Keyword {

        private final Map<Pattern, JsonSchema> schemas = new LinkedHashMap<>();

        PatternProperties(Object spec) {
            super("patternProperties", spec);
            SchemaCompiler.object("patternProperties", spec).forEach((pattern, schema) ->
                schemas.put(Regexes.compile(pattern, ""), SchemaCompiler.compile("patternProperties", schema)));
        }

        @Override
        boolean test(Object value) {
            return !(value instanceof Document document) || failing(document).isEmpty();
        }

        @Override
        Document explain(Object value) {
            return head().append("details", failing((Document) value));
        }

        private List<Object> failing(Document document) {
            List<Object> failing = new ArrayList<>();
            document.forEach((name, value) -> schemas.forEach((pattern, schema) -> {
                if (pattern.matcher(name).find() && !schema.matches(value)) {
                    failing.add(new Document("propertyName", name).append("regexMatched", pattern.pattern())
                        .append("details", schema.rules(value)));
                }
            }));
            return failing;
        }
    }

    /** additionalProperties: what neither properties nor patternProperties name. */
    static final class Additional extends Keyword {

        private final JsonSchema schema;
        private final java.util.Set<String> named;
        private final List<Pattern> patterns = new ArrayList<>();

        Additional(Object spec, Document parent) {
            super("additionalProperties", spec);
            schema = spec instanceof Boolean ? null : SchemaCompiler.compile("additionalProperties", spec);
            named = parent.get("properties") instanceof Document properties ? properties.keySet() : java.util.Set.of();
            if (parent.get("patternProperties") instanceof Document regexes) {
                regexes.keySet().forEach(regex -> patterns.add(Regexes.compile(regex, "")));
            }
        }

        @Override
        boolean test(Object value) {
            return !(value instanceof Document document) || Boolean.TRUE.equals(spec) || failing(document).isEmpty();
        }

        @Override
        Document explain(Object value) {
            return specified().append("additionalProperties", failing((Document) value));
        }

        private List<String> failing(Document document) {
            List<String> failing = new ArrayList<>();
            document.forEach((name, value) -> {
                boolean additional = !named.contains(name) && patterns.stream().noneMatch(pattern -> pattern.matcher(name).find());
                if (additional && (schema == null || !schema.matches(value))) {
                    failing.add(name);
                }
            });
            return failing;
        }
    }

    static final class Dependencies extends Keyword {

        private final Map<String, Object> dependencies = new LinkedHashMap<>();

        Dependencies(Object spec) {
            super("dependencies", spec);
            SchemaCompiler.object("dependencies", spec).forEach((name, value) -> dependencies.put(name,
                value instanceof List<?> ? SchemaCompiler.nonEmptyArray("dependencies", value) : SchemaCompiler.compile("dependencies", value)));
        }

        @Override
        boolean test(Object value) {
            return !(value instanceof Document document) || failing(document).isEmpty();
        }

        @Override
        Document explain(Object value) {
            return head().append("failingDependencies", failing((Document) value));
        }

        private List<Object> failing(Document document) {
            List<Object> failing = new ArrayList<>();
            dependencies.forEach((name, needed) -> {
                if (document.containsKey(name) && !(needed instanceof JsonSchema schema ? schema.matches(document)
                    : document.keySet().containsAll((List<?>) needed))) {
                    failing.add(new Document("conditionalProperty", name));
                }
            });
            return failing;
        }
    }

    static Keyword count(String name, Object spec) {
        long bound = SchemaCompiler.count(name, spec);
        return Keyword.simple(name, spec, "specified number of properties was not satisfied", value ->
            !(value instanceof Document document)
                || (name.equals("minProperties") ? document.size() >= bound : document.size() <= bound));
    }
}
