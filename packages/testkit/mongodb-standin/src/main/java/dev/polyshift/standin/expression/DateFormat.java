package dev.polyshift.standin.expression;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;

import dev.polyshift.standin.Failure;

/** The % format specifiers. Manual: https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/ */
final class DateFormat {

    static final String ISO = "%Y-%m-%dT%H:%M:%S.%LZ";

    private static final DateTimeFormatter LENIENT = new DateTimeFormatterBuilder().parseCaseInsensitive()
        .appendPattern("yyyy-MM-dd")
        .optionalStart().appendPattern("['T'][' ']HH:mm").optionalStart().appendPattern(":ss")
        .optionalStart().appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true).optionalEnd().optionalEnd().optionalEnd()
        .optionalStart().appendLiteral(' ').optionalEnd()
        .optionalStart().appendOffset("+HH:MM", "Z").optionalEnd()
        .optionalStart().appendOffset("+HHMM", "Z").optionalEnd()
        .toFormatter(java.util.Locale.ROOT);

    private DateFormat() {
    }

    static ZoneId zone(Object timezone) {
        if (dev.polyshift.standin.bson.Docs.isNullish(timezone)) {
            return ZoneOffset.UTC;
        }
        try {
            return ZoneId.of((String) timezone);
        } catch (DateTimeException e) {
            throw Failure.location(40485, "unrecognized time zone identifier: \"" + timezone + "\"");
        }
    }

    static String format(Instant instant, String format, ZoneId zone) {
        ZonedDateTime date = instant.atZone(zone);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            if (++i == format.length()) {
                throw Failure.location(18535, "Unmatched '%' at end of format string");
            }
            switch (format.charAt(i)) {
                case 'Y' -> text.append(String.format("%04d", date.getYear()));
                case 'm' -> text.append(String.format("%02d", date.getMonthValue()));
                case 'd' -> text.append(String.format("%02d", date.getDayOfMonth()));
                case 'H' -> text.append(String.format("%02d", date.getHour()));
                case 'M' -> text.append(String.format("%02d", date.getMinute()));
                case 'S' -> text.append(String.format("%02d", date.getSecond()));
                case 'L' -> text.append(String.format("%03d", date.getNano() / 1_000_000));
                case 'j' -> text.append(String.format("%03d", date.getDayOfYear()));
                case 'w' -> text.append(date.getDayOfWeek().getValue() % 7 + 1);
                case 'u' -> text.append(date.getDayOfWeek().getValue());
                case 'U' -> text.append(String.format("%02d", (date.getDayOfYear() + 6 - date.getDayOfWeek().getValue() % 7) / 7));
                case 'V' -> text.append(String.format("%02d", date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)));
                case 'G' -> text.append(String.format("%04d", date.get(IsoFields.WEEK_BASED_YEAR)));
                case 'b' -> text.append(date.getMonth().getDisplayName(java.time.format.TextStyle.SHORT, java.util.Locale.ENGLISH));
                case 'B' -> text.append(date.getMonth().getDisplayName(java.time.format.TextStyle.FULL, java.util.Locale.ENGLISH));
                case 'z' -> text.append(date.getOffset().equals(ZoneOffset.UTC) ? "+0000" : date.getOffset().getId().replace(":", ""));
                case 'Z' -> text.append(date.getOffset().getTotalSeconds() / 60);
                case '%' -> text.append('%');
                default -> throw Failure.location(18536, "Invalid format character '%" + format.charAt(i) + "' in format string");
            }
        }
        return text.toString();
    }

    /** Reads the ISO 8601 forms MongoDB takes without a format. */
    static Instant parse(String text, ZoneId zone) {
        try {
            return instant(LENIENT.parse(text.trim()), zone);
        } catch (DateTimeException e) {
            throw failed(text);
        }
    }

    static Instant parse(String text, String format, ZoneId zone) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                pattern.append(Character.isLetter(c) || c == '\'' ? "'" + (c == '\'' ? "'" : c) + "'" : String.valueOf(c));
                continue;
            }
            pattern.append(switch (format.charAt(++i)) {
                case 'Y' -> "uuuu";
                case 'm' -> "MM";
                case 'd' -> "dd";
                case 'H' -> "HH";
                case 'M' -> "mm";
                case 'S' -> "ss";
                case 'L' -> "SSS";
                case 'j' -> "DDD";
                case 'b' -> "MMM";
                case 'B' -> "MMMM";
                case 'z' -> "[XX][XXX]";
                case '%' -> "%";
                default -> throw Failure.location(18536, "Invalid format character '%" + format.charAt(i) + "' in format string");
            });
        }
        try {
            return instant(DateTimeFormatter.ofPattern(pattern.toString(), java.util.Locale.ENGLISH).parse(text), zone);
        } catch (DateTimeException e) {
            throw failed(text);
        }
    }

    private static Instant instant(TemporalAccessor parsed, ZoneId zone) {
        LocalDateTime local = parsed.isSupported(ChronoField.HOUR_OF_DAY)
            ? LocalDateTime.of(parsed.query(TemporalQueries.localDate()), java.time.LocalTime.from(parsed))
            : parsed.query(TemporalQueries.localDate()).atStartOfDay();
        ZoneOffset offset = parsed.query(TemporalQueries.offset());
        Instant instant = offset == null ? local.atZone(zone).toInstant() : OffsetDateTime.of(local, offset).toInstant();
        return instant.truncatedTo(ChronoUnit.MILLIS);
    }

    private static Failure failed(String text) {
        return new Failure(241, "ConversionFailure", "Error parsing date string '" + text + "'");
    }
}
