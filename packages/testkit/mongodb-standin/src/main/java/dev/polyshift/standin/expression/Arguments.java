package dev.polyshift.standin.expression;

import java.util.List;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;

/** Checks of argument types, with the errors MongoDB gives. */
final class Arguments {

    private Arguments() {
    }

    static boolean anyNullish(Object... values) {
        for (Object value : values) {
            if (Docs.isNullish(value)) {
                return true;
            }
        }
        return false;
    }

    static Number number(String operator, Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw Failure.location(28765, operator + " only supports numeric types, not " + BsonTypes.alias(value));
    }

    static int integer(String operator, Object value) {
        Long whole = Numbers.wholeLong(value);
        if (whole == null || whole != whole.intValue()) {
            throw Failure.location(40096, operator + " requires an integral argument, found " + BsonTypes.alias(value));
        }
        return whole.intValue();
    }

    static String string(String operator, Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw Failure.location(34471, operator + " requires a string argument, found: " + BsonTypes.alias(value));
    }

    static List<?> array(String operator, Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw Failure.location(28664, operator + " requires an array argument, found: " + BsonTypes.alias(value));
    }
}
