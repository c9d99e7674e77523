package dev.polyshift.standin.expression;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/convert/ */
final class Conversions {

    private static final Map<String, String> SHORT = Map.of("$toString", "string", "$toInt", "int", "$toLong", "long",
        "$toDouble", "double", "$toDecimal", "decimal", "$toDate", "date", "$toBool", "bool", "$toObjectId", "objectId");

    private Conversions() {
    }

    static void register(Operators operators) {
        operators.one("$type", BsonTypes::alias);
        operators.one("$isNumber", value -> value instanceof Number);
        SHORT.forEach((name, type) -> operators.one(name, value -> Docs.isNullish(value) ? null : convert(value, type)));
        operators.lazy("$convert", Conversions::convert);
    }

    private static Expr convert(Object spec) {
        Document arguments = Operators.arguments("$convert", spec, List.of("input", "to"), List.of("onError", "onNull"));
        Expr input = ExprCompiler.compile(arguments.get("input"));
        Expr to = ExprCompiler.compile(arguments.get("to"));
        Expr onError = arguments.containsKey("onError") ? ExprCompiler.compile(arguments.get("onError")) : null;
        Expr onNull = arguments.containsKey("onNull") ? ExprCompiler.compile(arguments.get("onNull")) : env -> null;
        return env -> {
            Object value = input.eval(env);
            if (Docs.isNullish(value)) {
                return onNull.eval(env);
            }
            Object type = to.eval(env);
            if (Docs.isNullish(type)) {
                return null;
            }
            String alias = typeName(type);
            try {
                return convert(value, alias);
            } catch (Failure e) {
                if (onError == null || e.getCode() != 241) {
                    throw e;
                }
                return onError.eval(env);
            }
        };
    }

    private static String typeName(Object type) {
        if (type instanceof String alias) {
            if (BsonTypes.codeOf(alias) == null) {
                throw Failure.badValue("Unknown type name: " + alias);
            }
            return alias;
        }
        int code = Arguments.integer("$convert", type);
        for (String alias : List.of("double", "string", "objectId", "bool", "date", "int", "long", "decimal")) {
            if (BsonTypes.codeOf(alias) == code) {
                return alias;
            }
        }
        throw Failure.badValue("In $convert, numeric value for 'to' does not correspond to a BSON type: " + type);
    }

    private static Failure failed(String reason) {
        return new Failure(241, "ConversionFailure", reason + " in $convert with no onError value");
    }

    static Object convert(Object value, String type) {
        Object converted = switch (type) {
            case "string" -> toText(value);
            case "bool" -> value instanceof Number || value instanceof Boolean ? Docs.truthy(value) : (Boolean) true;
            case "int" -> whole(value, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "long" -> whole(value, type, Long.MIN_VALUE, Long.MAX_VALUE);
            case "double" -> toDouble(value);
            case "decimal" -> toDecimal(value);
            case "date" -> toDate(value);
            case "objectId" -> toObjectId(value);
            default -> null;
        };
        if (converted == null) {
            throw failed("Unsupported conversion from " + BsonTypes.alias(value) + " to " + type);
        }
        return converted instanceof Long whole && type.equals("int") ? (Object) whole.intValue() : converted;
    }

    /** The text of a value as $toString gives it, or null where the type has none. */
    static Object toText(Object value) {
        if (value instanceof String || value instanceof Boolean || value instanceof Integer || value instanceof Long
            || value instanceof Decimal128) {
            return value.toString();
        } else if (value instanceof Double number) {
            return doubleText(number);
        } else if (value instanceof ObjectId id) {
            return id.getHexData();
        } else if (value instanceof Instant instant) {
            return DateFormat.format(instant, DateFormat.ISO, java.time.ZoneOffset.UTC);
        } else if (value instanceof UUID uuid) {
            return uuid.toString();
        }
        return null;
    }

    private static String doubleText(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value));
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -5 && exponent < 17) {
            return shortest.stripTrailingZeros().toPlainString();
        }
        String digits = shortest.stripTrailingZeros().unscaledValue().abs().toString();
        String sign = exponent < 0 ? "-" : "+";
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : Integer.toString(Math.abs(exponent));
        return (value < 0 ? "-" : "") + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e" + sign + power;
    }

    private static Long whole(Object value, String type, long least, long most) {
        BigDecimal number;
        if (value instanceof Boolean flag) {
            return flag ? 1L : 0L;
        } else if (value instanceof Instant instant && type.equals("long")) {
            return instant.toEpochMilli();
        } else if (value instanceof Number given) {
            if (Numbers.isSpecial(given)) {
                throw failed("Attempt to convert " + (Numbers.isNaN(given) ? "NaN" : "infinity") + " value to integer type");
            }
            number = Numbers.exact(given).setScale(0, RoundingMode.DOWN);
        } else if (value instanceof String text) {
            if (!text.matches("[-+]?\\d+")) {
                throw failed("Failed to parse number '" + text + "'");
            }
            number = new BigDecimal(text);
        } else {
            return null;
        }
        if (number.compareTo(BigDecimal.valueOf(least)) < 0 || number.compareTo(BigDecimal.valueOf(most)) > 0) {
            throw failed("Conversion would overflow target type: " + value);
        }
        return number.longValue();
    }

    private static Double toDouble(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1.0 : 0.0;
        } else if (value instanceof Instant instant) {
            return (double) instant.toEpochMilli();
        } else if (value instanceof Number number) {
            return number.doubleValue();
        } else if (value instanceof String text) {
            Decimal128 parsed = parse(text);
            return parsed.doubleValue();
        }
        return null;
    }

    private static Decimal128 toDecimal(Object value) {
        if (value instanceof Boolean flag) {
            return new Decimal128(BigDecimal.valueOf(flag ? 1 : 0));
        } else if (value instanceof Instant instant) {
            return new Decimal128(BigDecimal.valueOf(instant.toEpochMilli()));
        } else if (value instanceof Number number) {
            return Numbers.toDecimal(number);
        }
        return value instanceof String text ? parse(text) : null;
    }

    private static Decimal128 parse(String text) {
        switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "nan": return Decimal128.NaN;
            case "infinity": case "inf": case "+infinity": case "+inf": return Decimal128.POSITIVE_INFINITY;
            case "-infinity": case "-inf": return Decimal128.NEGATIVE_INFINITY;
            default:
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return text.startsWith("-") && number.signum() == 0 ? Decimal128.NEGATIVE_ZERO : new Decimal128(number);
        } catch (ArithmeticException | NumberFormatException e) {
            throw failed("Failed to parse number '" + text + "'");
        }
    }

    private static Object toDate(Object value) {
        if (value instanceof Instant) {
            return value;
        } else if (value instanceof Long || value instanceof Double || value instanceof Decimal128) {
            return Instant.ofEpochMilli(whole(value, "long", Long.MIN_VALUE, Long.MAX_VALUE));
        } else if (value instanceof ObjectId id) {
            return Instant.ofEpochSecond(Integer.toUnsignedLong(java.nio.ByteBuffer.wrap(id.toByteArray()).getInt()));
        } else if (value instanceof BsonTimestamp timestamp) {
            return Instant.ofEpochSecond(Integer.toUnsignedLong(timestamp.getTime()));
        } else if (value instanceof String text) {
            return DateFormat.parse(text, java.time.ZoneOffset.UTC);
        }
        return null;
    }

    private static Object toObjectId(Object value) {
        if (value instanceof ObjectId) {
            return value;
        } else if (value instanceof String text) {
            if (!text.matches("[0-9a-fA-F]{24}")) {
                throw failed("Failed to parse objectId '" + text + "'");
            }
            return new ObjectId(text.toLowerCase(java.util.Locale.ROOT));
        }
        return null;
    }
}
