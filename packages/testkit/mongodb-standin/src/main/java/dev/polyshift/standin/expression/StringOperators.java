package dev.polyshift.standin.expression;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#string-expression-operators */
final class StringOperators {

    private static final String WHITESPACE = "\u0000\t\n\u000b\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
        + "\u2007\u2008\u2009\u200a";

    private StringOperators() {
    }

    static void register(Operators operators) {
        operators.any("$concat", a -> {
            StringBuilder text = new StringBuilder();
            for (Object part : a) {
                if (Docs.isNullish(part)) {
                    return null;
                }
                if (!(part instanceof String)) {
                    throw Failure.location(16702, "$concat only supports strings, not " + BsonTypes.alias(part));
                }
                text.append(part);
            }
            return text.toString();
        });
        operators.one("$toLower", value -> text(value).toLowerCase(Locale.ROOT));
        operators.one("$toUpper", value -> text(value).toUpperCase(Locale.ROOT));
        operators.two("$strcasecmp", a -> Integer.signum(text(a[0]).compareToIgnoreCase(text(a[1]))));
        operators.named("$trim", List.of("input"), List.of("chars"), a -> trim("$trim", a, true, true));
        operators.named("$ltrim", List.of("input"), List.of("chars"), a -> trim("$ltrim", a, true, false));
        operators.named("$rtrim", List.of("input"), List.of("chars"), a -> trim("$rtrim", a, false, true));
        operators.two("$split", a -> Arguments.anyNullish(a) ? null
            : split(Arguments.string("$split", a[0]), Arguments.string("$split", a[1])));
        operators.one("$strLenCP", value -> string("$strLenCP", value).codePointCount(0, ((String) value).length()));
        operators.one("$strLenBytes", value -> Docs.utf8Length(string("$strLenBytes", value)));
        operators.range("$substrCP", 3, 3, StringOperators::substrCodePoints);
        operators.range("$substrBytes", 3, 3, StringOperators::substrBytes);
        operators.range("$substr", 3, 3, StringOperators::substrBytes);
        operators.range("$indexOfCP", 2, 4, a -> indexOf("$indexOfCP", a));
        operators.range("$indexOfBytes", 2, 4, a -> indexOf("$indexOfBytes", a));
        operators.named("$replaceOne", List.of("input", "find", "replacement"), List.of(), a -> replace("$replaceOne", a, false));
        operators.named("$replaceAll", List.of("input", "find", "replacement"), List.of(), a -> replace("$replaceAll", a, true));
    }

    /** Absent is empty; numbers and dates have their usual text. */
    private static String text(Object value) {
        if (Docs.isNullish(value)) {
            return "";
        }
        Object text = Conversions.toText(value);
        if (text == null) {
            throw Failure.location(16007, "can't convert from BSON type " + BsonTypes.alias(value) + " to String");
        }
        return (String) text;
    }

    private static String string(String operator, Object value) {
        return Arguments.string(operator, value);
    }

    private static Object trim(String name, Object[] a, boolean left, boolean right) {
        if (Docs.isNullish(a[0]) || a[1] == null) {
            return null;
        }
        int[] input = Arguments.string(name, a[0]).codePoints().toArray();
        int[] chars = (Docs.isMissing(a[1]) ? WHITESPACE : Arguments.string(name, a[1])).codePoints().toArray();
        int from = 0;
        int to = input.length;
        while (left && from < to && contains(chars, input[from])) {
            from++;
        }
        while (right && to > from && contains(chars, input[to - 1])) {
            to--;
        }
        return new String(input, from, to - from);
    }

    private static boolean contains(int[] chars, int wanted) {
        return Arrays.stream(chars).anyMatch(c -> c == wanted);
    }

    private static List<Object> split(String text, String separator) {
        if (separator.isEmpty()) {
            throw Failure.location(40087, "$split requires a non-empty separator");
        }
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static Object substrCodePoints(Object[] a) {
        int[] points = text(a[0]).codePoints().toArray();
        int from = Arguments.integer("$substrCP", a[1]);
        int length = Arguments.integer("$substrCP", a[2]);
        if (from < 0 || length < 0) {
            throw Failure.location(34455, "$substrCP: the starting index and length must be nonnegative integers.");
        }
        return from >= points.length ? "" : new String(points, from, Math.min(length, points.length - from));
    }

    private static Object substrBytes(Object[] a) {
        byte[] bytes = text(a[0]).getBytes(StandardCharsets.UTF_8);
        int from = Arguments.integer("$substrBytes", a[1]);
        int length = Arguments.integer("$substrBytes", a[2]);
        if (from < 0 || from >= bytes.length) {
            return "";
        }
        int to = length < 0 ? bytes.length : (int) Math.min(bytes.length, (long) from + length);
        if ((bytes[from] & 0xC0) == 0x80 || to < bytes.length && (bytes[to] & 0xC0) == 0x80) {
            throw Failure.location(28656, "$substrBytes: Invalid range, starting or ending in the middle of a UTF-8 character.");
        }
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static Object indexOf(String name, Object[] a) {
        if (Docs.isNullish(a[0])) {
            return null;
        }
        String text = Arguments.string(name, a[0]);
        String wanted = Arguments.string(name, a[1]);
        boolean bytes = name.equals("$indexOfBytes");
        int from = a.length > 2 ? Arguments.integer(name, a[2]) : 0;
        int to = a.length > 3 ? Arguments.integer(name, a[3]) : Integer.MAX_VALUE;
        for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
            int index = bytes ? Docs.utf8Length(text.substring(0, at)) : text.codePointCount(0, at);
            if (index >= from) {
                return index < to ? index : -1;
            }
        }
        return -1;
    }

    private static Object replace(String name, Object[] a, boolean all) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        String input = Arguments.string(name, a[0]);
        String find = Arguments.string(name, a[1]);
        String replacement = Arguments.string(name, a[2]);
        if (all) {
            return input.replace(find, replacement);
        }
        int at = input.indexOf(find);
        return at < 0 ? input : input.substring(0, at) + replacement + input.substring(at + find.length());
    }
}
