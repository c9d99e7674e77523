package dev.polyshift.standin.aggregate;

import java.util.List;

import dev.polyshift.standin.expression.Env;
import dev.polyshift.standin.expression.ExprCompiler;

import de.bwaldvogel.mongo.bson.Document;

/** Averages and deviations over the numbers among some values. */
final class Statistics {

    private Statistics() {
    }

    static Object average(List<?> values) {
        return ExprCompiler.compile(new Document("$avg", new Document("$literal", values))).eval(Env.empty());
    }

    static Object deviation(List<?> values, boolean sample) {
        double[] numbers = values.stream().filter(Number.class::isInstance).mapToDouble(value -> ((Number) value).doubleValue()).toArray();
        int divisor = numbers.length - (sample ? 1 : 0);
        if (divisor <= 0) {
            return null;
        }
        double mean = java.util.Arrays.stream(numbers).average().orElse(0);
        return Math.sqrt(java.util.Arrays.stream(numbers).map(number -> (number - mean) * (number - mean)).sum() / divisor);
    }
}
