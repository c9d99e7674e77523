package dev.polyshift.standin.expression;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

import de.bwaldvogel.mongo.bson.Decimal128;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;
import dev.polyshift.standin.bson.Numbers.Operation;

/** Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#arithmetic-expression-operators */
final class ArithmeticOperators {

    private ArithmeticOperators() {
    }

    static void register(Operators operators) {
        operators.any("$add", ArithmeticOperators::add);
        operators.any("$multiply", ArithmeticOperators::multiply);
        operators.two("$subtract", ArithmeticOperators::subtract);
        operators.two("$divide", ArithmeticOperators::divide);
        operators.two("$mod", ArithmeticOperators::mod);
        operators.two("$pow", ArithmeticOperators::pow);
        operators.one("$abs", value -> Docs.isNullish(value) ? null : abs(Arguments.number("$abs", value)));
        function(operators, "$exp", Math::exp);
        function(operators, "$ln", Math::log);
        function(operators, "$log10", Math::log10);
        function(operators, "$sqrt", Math::sqrt);
        function(operators, "$sin", Math::sin);
        function(operators, "$cos", Math::cos);
        function(operators, "$tan", Math::tan);
        function(operators, "$degreesToRadians", Math::toRadians);
        function(operators, "$radiansToDegrees", Math::toDegrees);
        operators.two("$log", a -> Arguments.anyNullish(a) ? null
            : Math.log(Arguments.number("$log", a[0]).doubleValue()) / Math.log(Arguments.number("$log", a[1]).doubleValue()));
        operators.lazy("$rand", spec -> env -> Math.random());
        operators.any("$sum", a -> sum(values(a)));
        operators.any("$avg", a -> average(values(a)));
    }

    private static void function(Operators operators, String name, DoubleUnaryOperator function) {
        operators.one(name, value -> {
            if (Docs.isNullish(value)) {
                return null;
            }
            double result = function.applyAsDouble(Arguments.number(name, value).doubleValue());
            return Numbers.isDecimal(value) ? Numbers.toDecimal(result) : (Number) result;
        });
    }

    private static Object add(Object[] terms) {
        Number sum = 0;
        boolean date = false;
        for (Object term : terms) {
            if (Docs.isNullish(term)) {
                return null;
            } else if (term instanceof Instant instant) {
                if (date) {
                    throw Failure.location(16612, "only one date allowed in an $add expression");
                }
                date = true;
                sum = Numbers.apply(Operation.ADD, sum, instant.toEpochMilli());
            } else if (term instanceof Number number) {
                sum = Numbers.apply(Operation.ADD, sum, number);
            } else {
                throw new Failure(14, "TypeMismatch", "$add only supports numeric or date types, not " + BsonTypes.alias(term));
            }
        }
        return date ? Instant.ofEpochMilli(Math.round(sum.doubleValue()) == sum.doubleValue() && !(sum instanceof Long)
            ? (long) sum.doubleValue() : wholeMillis(sum)) : sum;
    }

    private static long wholeMillis(Number value) {
        return value instanceof Long whole ? whole : Math.round(value.doubleValue());
    }

    private static Object multiply(Object[] factors) {
        Number product = 1;
        for (Object factor : factors) {
            if (Docs.isNullish(factor)) {
                return null;
            } else if (!(factor instanceof Number number)) {
                throw new Failure(14, "TypeMismatch", "$multiply only supports numeric types, not " + BsonTypes.alias(factor));
            } else {
                product = Numbers.apply(Operation.MULTIPLY, product, number);
            }
        }
        return product;
    }

    private static Object subtract(Object[] a) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        if (a[0] instanceof Instant from) {
            return a[1] instanceof Instant to ? (Object) (from.toEpochMilli() - to.toEpochMilli())
                : Instant.ofEpochMilli(from.toEpochMilli() - wholeMillis(Arguments.number("$subtract", a[1])));
        }
        if (a[0] instanceof Number x && a[1] instanceof Number y) {
            return Numbers.apply(Operation.SUBTRACT, x, y);
        }
        throw new Failure(14, "TypeMismatch", "can't $subtract " + BsonTypes.alias(a[1]) + " from " + BsonTypes.alias(a[0]));
    }

    private static Object divide(Object[] a) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        if (!(a[0] instanceof Number x && a[1] instanceof Number y)) {
            throw new Failure(14, "TypeMismatch", "$divide only supports numeric types, not " + BsonTypes.alias(a[0])
                + " and " + BsonTypes.alias(a[1]));
        }
        if (!Numbers.isNaN(y) && Numbers.compare(y, 0) == 0) {
            throw Failure.badValue("can't $divide by zero");
        }
        boolean decimal = Numbers.isDecimal(x) || Numbers.isDecimal(y);
        if (decimal && !Numbers.isSpecial(x) && !Numbers.isSpecial(y)) {
            return new Decimal128(decimal(x).divide(decimal(y), MathContext.DECIMAL128));
        }
        double quotient = x.doubleValue() / y.doubleValue();
        return decimal ? Numbers.toDecimal(quotient) : (Number) quotient;
    }

    private static BigDecimal decimal(Number value) {
        return Numbers.toDecimal(value).toBigDecimal();
    }

    private static Object mod(Object[] a) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        Number x = Arguments.number("$mod", a[0]);
        Number y = Arguments.number("$mod", a[1]);
        if (Numbers.compare(y, 0) == 0) {
            throw Failure.location(16610, "can't $mod by zero");
        }
        if ((Numbers.isDecimal(x) || Numbers.isDecimal(y)) && !Numbers.isSpecial(x) && !Numbers.isSpecial(y)) {
            return new Decimal128(decimal(x).remainder(decimal(y)));
        }
        if (x instanceof Double || y instanceof Double) {
            return x.doubleValue() % y.doubleValue();
        }
        long rest = x.longValue() % y.longValue();
        return x instanceof Integer && y instanceof Integer ? (Number) (int) rest : (Number) rest;
    }

    private static Object pow(Object[] a) {
        if (Arguments.anyNullish(a)) {
            return null;
        }
        Number x = Arguments.number("$pow", a[0]);
        Number y = Arguments.number("$pow", a[1]);
        double power = Math.pow(x.doubleValue(), y.doubleValue());
        if (Numbers.isDecimal(x) || Numbers.isDecimal(y)) {
            return Numbers.toDecimal(power);
        }
        boolean whole = !(x instanceof Double) && !(y instanceof Double) && y.longValue() >= 0;
        if (!whole || Math.abs(power) >= 0x1p62) {
            return power;
        }
        long exact = java.math.BigInteger.valueOf(x.longValue()).pow(y.intValue()).longValueExact();
        boolean fits = x instanceof Integer && y instanceof Integer && exact == (int) exact;
        return fits ? (Number) (int) exact : (Number) exact;
    }

    private static Number abs(Number value) {
        return !Numbers.isNaN(value) && Numbers.compare(value, 0) < 0 ? Numbers.apply(Operation.SUBTRACT, zero(value), value) : value;
    }

    private static Number zero(Number like) {
        return like instanceof Double ? (Number) 0.0 : like instanceof Long ? (Number) 0L : (Number) 0;
    }

    /** Of one array argument its elements, else the arguments themselves. */
    static List<?> values(Object[] arguments) {
        return arguments.length == 1 && arguments[0] instanceof List<?> list ? list : java.util.Arrays.asList(arguments);
    }

    static Number sum(List<?> values) {
        Number sum = 0;
        for (Object value : values) {
            if (value instanceof Number number) {
                sum = Numbers.apply(Operation.ADD, sum, number);
            }
        }
        return sum;
    }

    static Object average(List<?> values) {
        Number sum = 0;
        int count = 0;
        for (Object value : values) {
            if (value instanceof Number number) {
                sum = Numbers.apply(Operation.ADD, sum, number);
                count++;
            }
        }
        return count == 0 ? null : divide(new Object[] {sum, count});
    }
}
