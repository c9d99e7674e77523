package dev.polyshift.standin.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import de.bwaldvogel.mongo.bson.Document;

import dev.polyshift.standin.bson.BsonOrder;

/** Keywords of arrays; values of other types satisfy them. */
final class ArrayKeywords {

    private ArrayKeywords() {
    }

    /** One schema for all elements, or an array of schemas by position. */
    static final class Items extends Keyword {

        private final JsonSchema all;
        private final List<JsonSchema> byPosition = new ArrayList<>();

        Items(Object spec) {
            super("items", spec);
            if (spec instanceof List<?> list) {
                all = null;
                list.forEach(element -> byPosition.add(SchemaCompiler.compile("items", element)));
            } else {
                all = SchemaCompiler.compile("items", spec);
            }
        }

        private JsonSchema at(int index) {
            return all != null ? all : index < byPosition.size() ? byPosition.get(index) : null;
        }

        @Override
        boolean test(Object value) {
            return !(value instanceof List<?> list) || failing(list) < 0;
        }

        private int failing(List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                JsonSchema schema = at(i);
                if (schema != null && !schema.matches(list.get(i))) {
                    return i;
                }
            }
            return -1;
        }

        @Override
        Document explain(Object value) {
            List<?> list = (List<?>) value;
            int index = failing(list);
            return head().append("reason", "At least one item did not match the sub-schema")
                .append("itemIndex", index).append("details", at(index).rules(list.get(index)));
        }
    }

    static Keyword additionalItems(Object spec, Object items) {
        int from = items instanceof List<?> list ? list.size() : Integer.MAX_VALUE;
        JsonSchema schema = spec instanceof Boolean ? null : SchemaCompiler.compile("additionalItems", spec);
        return Keyword.simple("additionalItems", spec, "found additional items", value -> {
            if (!(value instanceof List<?> list) || list.size() <= from || Boolean.TRUE.equals(spec)) {
                return true;
            }
            return schema != null && list.subList(from, list.size()).stream().allMatch(schema::matches);
        });
    }

    static Keyword count(String name, Object spec) {
        long bound = SchemaCompiler.count(name, spec);
        return Keyword.simple(name, spec, "array did not match specified length", value -> !(value instanceof List<?> list)
            || (name.equals("minItems") ? list.size() >= bound : list.size() <= bound));
    }

    static Keyword unique(Object spec) {
        boolean wanted = SchemaCompiler.bool("uniqueItems", spec);
        return Keyword.simple("uniqueItems", spec, "found a duplicate item", value -> {
            if (!wanted || !(value instanceof List<?> list)) {
                return true;
            }
            TreeSet<Object> seen = new TreeSet<>(BsonOrder.ASCENDING);
            return list.stream().allMatch(seen::add);
        });
    }
}
