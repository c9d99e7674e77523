package dev.polyshift.standin.bson;

import java.math.BigDecimal;
import java.math.MathContext;

import de.bwaldvogel.mongo.bson.Decimal128;

/**
 * Arithmetic over int, long, double and decimal with MongoDB's promotion: the wider type of the two; an int result that
 * does not fit becomes a long, a long one a double.
 */
public final class Numbers {

    private static final long EXACT_DOUBLE = 1L << 53;

    public enum Operation { ADD, SUBTRACT, MULTIPLY }

    private Numbers() {
    }

    public static boolean isDecimal(Object value) {
        return value instanceof Decimal128;
    }

    public static boolean isNaN(Object value) {
        return value instanceof Double d ? d.isNaN() : value instanceof Decimal128 decimal && Double.isNaN(decimal.doubleValue());
    }

    /** NaN or infinite: has no BigDecimal. */
    public static boolean isSpecial(Number value) {
        return (value instanceof Double || value instanceof Decimal128)
            && (value instanceof Decimal128 d ? isSpecialDecimal(d) : !Double.isFinite(value.doubleValue()));
    }

    private static boolean isSpecialDecimal(Decimal128 value) {
        return (value.getHigh() & 0x7800000000000000L) == 0x7800000000000000L;
    }

    public static BigDecimal exact(Number value) {
        if (value instanceof Decimal128 decimal) {
            return decimal.toBigDecimal();
        }
        return value instanceof Double ? new BigDecimal(value.doubleValue()) : BigDecimal.valueOf(value.longValue());
    }

    public static int compare(Number a, Number b) {
        boolean whole = isWholeType(a);
        if (whole && isWholeType(b)) {
            return Long.compare(a.longValue(), b.longValue());
        }
        if (isNaN(a) || isNaN(b)) {
            return Boolean.compare(!isNaN(a), !isNaN(b));
        }
        if (isSpecial(a) || isSpecial(b) || !isDecimal(a) && !isDecimal(b) && isExactAsDouble(a) && isExactAsDouble(b)) {
            double x = a.doubleValue();
            double y = b.doubleValue();
            return x == y ? 0 : Double.compare(x, y);
        }
        return exact(a).compareTo(exact(b));
    }

    private static boolean isWholeType(Number value) {
        return value instanceof Integer || value instanceof Long;
    }

    private static boolean isExactAsDouble(Number value) {
        return value instanceof Double || Math.abs(value.longValue()) <= EXACT_DOUBLE;
    }

    public static Number apply(Operation operation, Number a, Number b) {
        if (isDecimal(a) || isDecimal(b)) {
            return decimals(operation, a, b);
        }
        if (a instanceof Double || b instanceof Double) {
            return doubles(operation, a.doubleValue(), b.doubleValue());
        }
        try {
            long result = switch (operation) {
                case ADD -> Math.addExact(a.longValue(), b.longValue());
                case SUBTRACT -> Math.subtractExact(a.longValue(), b.longValue());
                case MULTIPLY -> Math.multiplyExact(a.longValue(), b.longValue());
            };
            boolean fitsInt = a instanceof Integer && b instanceof Integer && result == (int) result;
            return fitsInt ? (Number) Integer.valueOf((int) result) : (Number) Long.valueOf(result);
        } catch (ArithmeticException overflow) {
            return doubles(operation, a.doubleValue(), b.doubleValue());
        }
    }

    private static Double doubles(Operation operation, double a, double b) {
        return switch (operation) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
        };
    }

    private static Number decimals(Operation operation, Number a, Number b) {
        if (isSpecial(a) || isSpecial(b)) {
            return special(doubles(operation, a.doubleValue(), b.doubleValue()));
        }
        BigDecimal x = shortest(a);
        BigDecimal y = shortest(b);
        return new Decimal128(switch (operation) {
            case ADD -> x.add(y, MathContext.DECIMAL128);
            case SUBTRACT -> x.subtract(y, MathContext.DECIMAL128);
            case MULTIPLY -> x.multiply(y, MathContext.DECIMAL128);
        });
    }

    /** As MongoDB turns a double into a decimal: by 15 significant digits, other numbers exactly. */
    private static BigDecimal shortest(Number value) {
        return value instanceof Double ? new BigDecimal(value.doubleValue(), new MathContext(15)) : exact(value);
    }

    private static Decimal128 special(double value) {
        if (Double.isNaN(value)) {
            return Decimal128.NaN;
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? Decimal128.POSITIVE_INFINITY : Decimal128.NEGATIVE_INFINITY;
        }
        return new Decimal128(BigDecimal.valueOf(value));
    }

    public static Decimal128 toDecimal(Number value) {
        if (value instanceof Decimal128 decimal) {
            return decimal;
        }
        return isSpecial(value) ? special(value.doubleValue()) : new Decimal128(shortest(value));
    }

    /** A whole number from any numeric type, or null where it has a fraction or does not fit a long. */
    public static Long wholeLong(Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (!(value instanceof Number number) || isSpecial(number)) {
            return null;
        }
        try {
            return exact(number).longValueExact();
        } catch (ArithmeticException inexact) {
            return null;
        }
    }
}
