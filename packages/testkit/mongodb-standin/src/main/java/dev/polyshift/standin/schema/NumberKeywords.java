package dev.polyshift.standin.schema;

import java.util.regex.Pattern;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.query.Regexes;

/** Bounds of numbers, and lengths and patterns of strings; values of other types satisfy them. */
final class NumberKeywords {

    private NumberKeywords() {
    }

    static void exclusive(String name, Object spec, boolean hasBound) {
        SchemaCompiler.bool(name, spec);
        if (!hasBound) {
            String bound = name.equals("exclusiveMinimum") ? "minimum" : "maximum";
            throw Failure.parse("$jsonSchema keyword '" + bound + "' must be a present if " + name + " is present");
        }
    }

    static Keyword minimum(Object spec, Object exclusive) {
        Number least = SchemaCompiler.number("minimum", spec);
        int wanted = exclusive != null && SchemaCompiler.bool("exclusiveMinimum", exclusive) ? 1 : 0;
        return Keyword.simple("minimum", spec, "comparison failed", value -> !(value instanceof Number number)
            || !Numbers.isNaN(number) && Numbers.compare(number, least) >= wanted);
    }

    static Keyword maximum(Object spec, Object exclusive) {
        Number most = SchemaCompiler.number("maximum", spec);
        int wanted = exclusive != null && SchemaCompiler.bool("exclusiveMaximum", exclusive) ? -1 : 0;
        return Keyword.simple("maximum", spec, "comparison failed", value -> !(value instanceof Number number)
            || !Numbers.isNaN(number) && Numbers.compare(number, most) <= wanted);
    }

    static Keyword multipleOf(Object spec) {
        Number divisor = SchemaCompiler.number("multipleOf", spec);
        if (Numbers.isSpecial(divisor) || Numbers.compare(divisor, 0) <= 0) {
            throw Failure.parse("$jsonSchema keyword 'multipleOf' must have a positive value");
        }
        return Keyword.simple("multipleOf", spec, "considered value is not a multiple of the specified value",
            value -> !(value instanceof Number number) || !Numbers.isSpecial(number)
                && Numbers.toDecimal(number).toBigDecimal().remainder(Numbers.toDecimal(divisor).toBigDecimal()).signum() == 0);
    }

    static Keyword length(String name, Object spec) {
        long bound = SchemaCompiler.count(name, spec);
        return Keyword.simple(name, spec, "specified string length was not satisfied", value -> {
            if (!(value instanceof String text)) {
                return true;
            }
            int length = text.codePointCount(0, text.length());
            return name.equals("minLength") ? length >= bound : length <= bound;
        });
    }

    static Keyword pattern(Object spec) {
        Pattern pattern = Regexes.compile(SchemaCompiler.string("pattern", spec), "");
        return Keyword.simple("pattern", spec, "regular expression did not match",
            value -> !(value instanceof String text) || pattern.matcher(text).find());
    }
}
