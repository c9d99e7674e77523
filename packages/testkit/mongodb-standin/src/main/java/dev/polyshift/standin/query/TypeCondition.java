package dev.polyshift.standin.query;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Numbers;

/** $type. Manual: https://www.mongodb.com/docs/manual/reference/operator/query/type/ */
public final class TypeCondition {

    private TypeCondition() {
    }

    static Predicate of(String field, Object value) {
        Set<Integer> codes = codes(field, value);
        return new Predicate.Leaf((found, match) -> codes.contains(BsonTypes.code(found)), true);
    }

    /** The type numbers named by an alias, a number, or an array of them; "number" stands for four. */
    public static Set<Integer> codes(String field, Object value) {
        Set<Integer> codes = new HashSet<>();
        if (value instanceof List<?> list) {
            if (list.isEmpty()) {
                throw Failure.parse(field + " must match at least one type");
            }
            list.forEach(element -> add(element, codes));
        } else {
            add(value, codes);
        }
        return codes;
    }

    private static void add(Object type, Set<Integer> codes) {
        if (type instanceof String alias) {
            if (alias.equals("number")) {
                codes.addAll(Set.of(1, 16, 18, 19));
                return;
            }
            Integer code = BsonTypes.codeOf(alias);
            if (code == null) {
                throw Failure.badValue("Unknown type name alias: " + alias);
            }
            codes.add(code);
        } else if (type instanceof Number) {
            Long code = Numbers.wholeLong(type);
            if (code == null || !BsonTypes.isCode(code.intValue())) {
                throw Failure.badValue("Invalid numerical type code: " + type);
            }
            codes.add(code.intValue());
        } else {
            throw Failure.typeMismatch("type must be represented as a number or a string");
        }
    }
}
