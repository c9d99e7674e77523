package dev.polyshift.standin.expression;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.function.Function;

import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;

import dev.polyshift.standin.Failure;
import dev.polyshift.standin.bson.BsonTypes;
import dev.polyshift.standin.bson.Docs;

/** Parts of dates, and dates from and to text. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/#date-expression-operators */
final class DateOperators {

    private DateOperators() {
    }

    static void register(Operators operators) {
        part(operators, "$year", ZonedDateTime::getYear);
        part(operators, "$month", ZonedDateTime::getMonthValue);
        part(operators, "$dayOfMonth", ZonedDateTime::getDayOfMonth);
        part(operators, "$dayOfYear", ZonedDateTime::getDayOfYear);
        part(operators, "$dayOfWeek", date -> date.getDayOfWeek().getValue() % 7 + 1);
        part(operators, "$isoDayOfWeek", date -> date.getDayOfWeek().getValue());
        part(operators, "$isoWeek", date -> date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        part(operators, "$isoWeekYear", date -> (long) date.get(IsoFields.WEEK_BASED_YEAR));
        part(operators, "$week", date -> (date.getDayOfYear() + 6 - date.getDayOfWeek().getValue() % 7) / 7);
        part(operators, "$hour", ZonedDateTime::getHour);
        part(operators, "$minute", ZonedDateTime::getMinute);
        part(operators, "$second", ZonedDateTime::getSecond);
        part(operators, "$millisecond", date -> date.getNano() / 1_000_000);
        operators.named("$dateToString", List.of("date"), List.of("format", "timezone", "onNull"), DateOperators::format);
        operators.lazy("$dateFromString", DateOperators::parse);
        operators.named("$dateToParts", List.of("date"), List.of("timezone"), DateOperators::toParts);
        operators.named("$dateFromParts", List.of("year"),
            List.of("month", "day", "hour", "minute", "second", "millisecond", "timezone"), DateOperators::fromParts);
    }

    /** A date from a date, a timestamp or an ObjectId. */
    static Instant date(String name, Object value) {
        if (value instanceof Instant instant) {
            return instant;
        } else if (value instanceof BsonTimestamp || value instanceof ObjectId) {
            return (Instant) Conversions.convert(value, "date");
        }
        throw Failure.location(16006, "can't convert from BSON type " + BsonTypes.alias(value) + " to Date (" + name + ")");
    }

    private static void part(Operators operators, String name, Function<ZonedDateTime, Object> part) {
        operators.lazy(name, spec -> {
            boolean named = spec instanceof Document document && document.containsKey("date");
            Expr date = ExprCompiler.compile(named ? ((Document) spec).get("date")
                : spec instanceof List<?> list && list.size() == 1 ? list.get(0) : spec);
            Expr zone = ExprCompiler.compile(named ? ((Document) spec).get("timezone") : null);
            return env -> {
                Object value = date.eval(env);
                return Docs.isNullish(value) ? null : part.apply(date(name, value).atZone(DateFormat.zone(zone.eval(env))));
            };
        });
    }

    private static Object format(Object[] a) {
        if (Docs.isNullish(a[0])) {
            return Docs.isMissing(a[3]) ? null : a[3];
        }
        boolean utc = Docs.isNullish(a[2]) || a[2].equals("UTC") || a[2].equals("GMT");
        String format = Docs.isNullish(a[1]) ? utc ? DateFormat.ISO : "%Y-%m-%dT%H:%M:%S.%L" : (String) a[1];
        return DateFormat.format(date("$dateToString", a[0]), format, DateFormat.zone(a[2]));
    }

    private static Expr parse(Object spec) {
        Document arguments = Operators.arguments("$dateFromString", spec, List.of("dateString"),
            List.of("format", "timezone", "onError", "onNull"));
        Expr text = ExprCompiler.compile(arguments.get("dateString"));
        Expr format = ExprCompiler.compile(arguments.get("format"));
        Expr zone = ExprCompiler.compile(arguments.get("timezone"));
        Expr onError = arguments.containsKey("onError") ? ExprCompiler.compile(arguments.get("onError")) : null;
        Expr onNull = ExprCompiler.compile(arguments.get("onNull"));
        return env -> {
            Object value = text.eval(env);
            if (Docs.isNullish(value)) {
                return onNull.eval(env);
            }
            try {
                if (!(value instanceof String string)) {
                    throw new Failure(241, "ConversionFailure", "$dateFromString requires that 'dateString' be a string, found: "
                        + BsonTypes.alias(value));
                }
                Object pattern = format.eval(env);
                return Docs.isNullish(pattern) ? DateFormat.parse(string, DateFormat.zone(zone.eval(env)))
                    : DateFormat.parse(string, (String) pattern, DateFormat.zone(zone.eval(env)));
            } catch (Failure e) {
                if (onError == null || e.getCode() != 241) {
                    throw e;
                }
                return onError.eval(env);
            }
        };
    }

    private static Object toParts(Object[] a) {
        if (Docs.isNullish(a[0])) {
            return null;
        }
        ZonedDateTime date = date("$dateToParts", a[0]).atZone(DateFormat.zone(a[1]));
        return new Document("year", date.getYear()).append("month", date.getMonthValue()).append("day", date.getDayOfMonth())
            .append("hour", date.getHour()).append("minute", date.getMinute()).append("second", date.getSecond())
            .append("millisecond", date.getNano() / 1_000_000);
    }

    private static Object fromParts(Object[] a) {
        int[] parts = {0, 1, 1, 0, 0, 0, 0};
        for (int i = 0; i < parts.length; i++) {
            if (a[i] == null) {
                return null;
            }
            if (!Docs.isMissing(a[i])) {
                parts[i] = Arguments.integer("$dateFromParts", a[i]);
            }
        }
        return ZonedDateTime.of(parts[0], 1, 1, 0, 0, 0, 0, DateFormat.zone(a[7]))
            .plusMonths(parts[1] - 1L).plusDays(parts[2] - 1L).plusHours(parts[3]).plusMinutes(parts[4])
            .plusSeconds(parts[5]).plusNanos(parts[6] * 1_000_000L).toInstant();
    }
}
