package dev.polyshift.standin.expression;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

import de.bwaldvogel.mongo.bson.Decimal128;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Docs;
import dev.polyshift.standin.bson.Numbers;

/** $round (to even), $trunc, $ceil and $floor keep the type of their argument. */
final class RoundingOperators {

    private RoundingOperators() {
    }

    static void register(Operators operators) {
        operators.range("$round", 1, 2, a -> round("$round", a, RoundingMode.HALF_EVEN));
        operators.range("$trunc", 1, 2, a -> round("$trunc", a, RoundingMode.DOWN));
        operators.one("$ceil", value -> round("$ceil", new Object[] {value}, RoundingMode.CEILING));
        operators.one("$floor", value -> round("$floor", new Object[] {value}, RoundingMode.FLOOR));
    }

    private static Object round(String name, Object[] a, RoundingMode mode) {
        Object place = a.length == 2 ? a[1] : (Object) 0;
        if (Docs.isNullish(a[0]) || Docs.isNullish(place)) {
            return null;
        }
        Number value = Arguments.number(name, a[0]);
        int digits = Arguments.integer(name, place);
        if (digits < -20 || digits > 100) {
            throw Failure.location(51083, "cannot apply " + name + " with precision value " + digits
                + " value must be in [-20, 100]");
        }
        if (Numbers.isSpecial(value)) {
            return value;
        }
        if (value instanceof Integer || value instanceof Long) {
            if (digits >= 0) {
                return value;
            }
            long rounded = BigDecimal.valueOf(value.longValue()).setScale(digits, mode).longValueExact();
            return value instanceof Integer && rounded == (int) rounded ? (Number) (int) rounded : (Number) rounded;
        }
        if (value instanceof Decimal128) {
            BigDecimal exact = Numbers.exact(value);
            return exact.scale() <= digits ? value : new Decimal128(exact.setScale(digits, mode));
        }
        BigDecimal exact = new BigDecimal(value.doubleValue(), MathContext.DECIMAL128);
        return exact.scale() <= digits ? value : (Number) exact.setScale(digits, mode).doubleValue();
    }
}
