package dev.polyshift.standin.query;

import java.util.List;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.Numbers;

/** Bit tests on whole numbers. Manual: https://www.mongodb.com/docs/manual/reference/operator/query-bitwise/ */
final class BitCondition {

    private BitCondition() {
    }

    static Predicate of(String name, Object value) {
        long mask = mask(name, value);
        return new Predicate.Leaf((found, match) -> {
            Long bits = Numbers.wholeLong(found);
            if (bits == null) {
                return false;
            }
            return switch (name) {
                case "$bitsAllSet" -> (bits & mask) == mask;
                case "$bitsAnySet" -> (bits & mask) != 0;
                case "$bitsAllClear" -> (bits & mask) == 0;
                default -> (bits & mask) != mask;
            };
        }, true);
    }

    private static long mask(String name, Object value) {
        if (value instanceof List<?> positions) {
            long mask = 0;
            for (Object position : positions) {
                mask |= 1L << Math.min(63, ((Number) position).intValue());
            }
            return mask;
        }
        Long mask = Numbers.wholeLong(value);
        if (mask == null) {
            throw Failure.badValue(name + " takes an Array, a number, or a BinData (not in the stand-in)");
        }
        return mask;
    }
}
