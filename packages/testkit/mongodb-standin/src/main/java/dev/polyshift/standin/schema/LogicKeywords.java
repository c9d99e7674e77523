package dev.polyshift.standin.schema;

import java.util.ArrayList;
import java.util.List;

import de.bwaldvogel.mongo.bson.Document;

/** allOf, anyOf, oneOf and not. */
final class LogicKeywords {

    private LogicKeywords() {
    }

    static final class Combination extends Keyword {

        private final List<JsonSchema> schemas = new ArrayList<>();

        Combination(String name, Object spec) {
            super(name, spec);
            SchemaCompiler.nonEmptyArray(name, spec).forEach(schema -> schemas.add(SchemaCompiler.compile(name, schema)));
        }

        @Override
        boolean test(Object value) {
            long matching = schemas.stream().filter(schema -> schema.matches(value)).count();
            return switch (name) {
                case "allOf" -> matching == schemas.size();
                case "anyOf" -> matching > 0;
                default -> matching == 1;
            };
        }

        @Override
        Document explain(Object value) {
            List<Object> failing = new ArrayList<>();
            List<Object> matching = new ArrayList<>();
            for (int i = 0; i < schemas.size(); i++) {
                if (schemas.get(i).matches(value)) {
                    matching.add(i);
                } else {
                    failing.add(new Document("index", i).append("details", schemas.get(i).rules(value)));
                }
            }
            return name.equals("oneOf") && !matching.isEmpty()
                ? head().append("reason", "more than one subschema matched").append("matchingSchemaIndexes", matching)
                : head().append("schemasNotSatisfied", failing);
        }
    }

    static Keyword not(Object spec) {
        JsonSchema schema = SchemaCompiler.compile("not", spec);
        return Keyword.simple("not", spec, "child expression matched", value -> !schema.matches(value));
    }
}
