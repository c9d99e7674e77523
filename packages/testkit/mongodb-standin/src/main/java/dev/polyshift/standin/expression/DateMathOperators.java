package dev.polyshift.standin.expression;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.List;

import dev.polyshift.standin.Failure;

/** $dateAdd, $dateSubtract, $dateDiff and $dateTrunc; weeks begin on Sunday and binSize is 1. */
final class DateMathOperators {

    private DateMathOperators() {
    }

    static void register(Operators operators) {
        List<String> shift = List.of("startDate", "unit", "amount");
        operators.named("$dateAdd", shift, List.of("timezone"), a -> shift("$dateAdd", a, 1));
        operators.named("$dateSubtract", shift, List.of("timezone"), a -> shift("$dateSubtract", a, -1));
        operators.named("$dateDiff", List.of("startDate", "endDate", "unit"), List.of("timezone"), a -> {
            if (Arguments.anyNullish(a[0], a[1], a[2])) {
                return null;
            }
            ZoneId zone = DateFormat.zone(a[3]);
            String unit = (String) a[2];
            ZonedDateTime from = truncate(DateOperators.date("$dateDiff", a[0]).atZone(zone), unit);
            ZonedDateTime to = truncate(DateOperators.date("$dateDiff", a[1]).atZone(zone), unit);
            return unit.equals("quarter") ? ChronoUnit.MONTHS.between(from, to) / 3 : unit(unit).between(from, to);
        });
        operators.named("$dateTrunc", List.of("date", "unit"), List.of("timezone"), a -> Arguments.anyNullish(a[0], a[1]) ? null
            : truncate(DateOperators.date("$dateTrunc", a[0]).atZone(DateFormat.zone(a[2])), (String) a[1]).toInstant());
    }

    private static Object shift(String name, Object[] a, int sign) {
        if (Arguments.anyNullish(a[0], a[1], a[2])) {
            return null;
        }
        Instant start = DateOperators.date(name, a[0]);
        long amount = sign * (long) Arguments.integer(name, a[2]);
        String unit = (String) a[1];
        ZonedDateTime date = start.atZone(DateFormat.zone(a[3]));
        return (unit.equals("quarter") ? date.plusMonths(3 * amount) : date.plus(amount, unit(unit))).toInstant();
    }

    private static ChronoUnit unit(String unit) {
        return switch (unit) {
            case "year" -> ChronoUnit.YEARS;
            case "month" -> ChronoUnit.MONTHS;
            case "week" -> ChronoUnit.WEEKS;
            case "day" -> ChronoUnit.DAYS;
            case "hour" -> ChronoUnit.HOURS;
            case "minute" -> ChronoUnit.MINUTES;
            case "second" -> ChronoUnit.SECONDS;
            case "millisecond" -> ChronoUnit.MILLIS;
            default -> throw Failure.parse("unknown time unit value: " + unit);
        };
    }

    private static ZonedDateTime truncate(ZonedDateTime date, String unit) {
        ZonedDateTime day = date.truncatedTo(ChronoUnit.DAYS);
        return switch (unit) {
            case "year" -> day.withDayOfYear(1);
            case "quarter" -> day.withDayOfMonth(1).withMonth((date.getMonthValue() - 1) / 3 * 3 + 1);
            case "month" -> day.withDayOfMonth(1);
            case "week" -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
            default -> date.truncatedTo(unit(unit));
        };
    }
}
